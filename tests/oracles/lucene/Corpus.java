import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.AnalyzerWrapper;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.store.ByteBuffersDirectory;

/**
 * A few documents in an index of their own, and the mapping of their fields. A field that is not mapped is
 * a keyword, as the project assumes; nothing below a nested object is indexed with its parent.
 */
final class Corpus implements AutoCloseable {
  /** Holds the name of each field that has a value. */
  static final String NAMES = "_field_names";

  final Analyzer analyzer = new TextAnalyzer();
  private final Map<String, FieldType> types = new TreeMap<>();
  private final Set<String> nested = new TreeSet<>();
  private final ByteBuffersDirectory directory = new ByteBuffersDirectory();
  private final DirectoryReader reader;

  Corpus(Map<String, String> mapping, List<Object> documents) throws IOException {
    mapping.forEach(this::map);
    try (IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig(analyzer))) {
      for (Object document : documents) writer.addDocument(indexed(document));
      writer.forceMerge(1);
    }
    reader = DirectoryReader.open(directory);
  }

  IndexSearcher searcher() {
    return new IndexSearcher(reader);
  }

  @Override
  public void close() throws IOException {
    reader.close();
    directory.close();
  }

  /** Null for a field that no document and no mapping has. */
  FieldType type(String field) {
    return types.get(field);
  }

  /** The known fields whose whole name fits a pattern with {@code *}. */
  List<String> matching(String pattern) {
    String[] parts = pattern.split("\\*", -1);
    for (int index = 0; index < parts.length; index++) parts[index] = Pattern.quote(parts[index]);
    Pattern expression = Pattern.compile(String.join(".*", parts), Pattern.DOTALL);
    return types.keySet().stream().filter(name -> expression.matcher(name).matches()).toList();
  }

  private void map(String field, String type) {
    switch (type) {
      case "nested" -> nested.add(field);
      case "object" -> { }
      default -> types.put(field, FieldType.named(type));
    }
  }

  private Document indexed(Object source) {
    Document document = new Document();
    Set<String> present = new LinkedHashSet<>();
    collect("", source, document, present);
    for (String name : present) document.add(new StringField(NAMES, name, Field.Store.NO));
    return document;
  }

  private void collect(String path, Object node, Document document, Set<String> present) {
    if (node == null || nested.contains(path)) return;
    if (node instanceof List<?> list) {
      for (Object item : list) collect(path, item, document, present);
    } else if (node instanceof Map<?, ?> map) {
      map.forEach((key, inner) ->
          collect(path.isEmpty() ? (String) key : path + "." + key, inner, document, present));
    } else {
      types.computeIfAbsent(path, absent -> FieldType.KEYWORD).index(document, path, node, analyzer);
      present.add(path);
    }
  }

  /** The standard analyzer, with Elasticsearch's gap between the values of an array. */
  private static final class TextAnalyzer extends AnalyzerWrapper {
    private final Analyzer standard = new StandardAnalyzer();

    TextAnalyzer() {
      super(PER_FIELD_REUSE_STRATEGY);
    }

    @Override
    protected Analyzer getWrappedAnalyzer(String field) {
      return standard;
    }

    @Override
    public int getPositionIncrementGap(String field) {
      return 100;
    }
  }
}
