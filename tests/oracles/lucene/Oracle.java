import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.lucene.queryparser.classic.ParseException;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.ScoreDoc;

/**
 * Real Lucene behind a pipe. A line {"types": {field: type}, "documents": [...], "queries": [...]} is answered by a
 * line with one answer a query: the numbers of the documents that match, {"refused": why} where the parser takes no
 * such text, {"skipped": what} where this program does not know what Elasticsearch makes of it.
 */
public final class Oracle {
  public static void main(String[] arguments) throws IOException {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream answers = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      answers.println(Json.write(answered(Json.read(line))));
      answers.flush();
    }
  }

  @SuppressWarnings("unchecked") // the one who asks keeps to the form above
  private static List<Object> answered(Object request) throws IOException {
    Map<String, Object> parts = (Map<String, Object>) request;
    List<Object> documents = (List<Object>) parts.get("documents");
    List<Object> answers = new ArrayList<>();
    try (Corpus corpus = new Corpus((Map<String, String>) parts.get("types"), documents)) {
      for (Object query : (List<Object>) parts.get("queries")) {
        answers.add(answer(corpus, (String) query, Math.max(1, documents.size())));
      }
    }
    return answers;
  }

  private static Object answer(Corpus corpus, String query, int limit) throws IOException {
    IndexSearcher searcher = corpus.searcher();
    try {
      ScoreDoc[] found = searcher.search(new ElasticParser(corpus).parse(query), limit).scoreDocs;
      return Arrays.stream(found).map(hit -> hit.doc).sorted().toList();
    } catch (ParseException error) {
      return Map.of("refused", error.getMessage());
    } catch (FieldType.NotModelled error) {
      return Map.of("skipped", error.getMessage());
    }
  }
}
