import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.lucene.analysis.core.KeywordAnalyzer;
import org.apache.lucene.index.Term;
import org.apache.lucene.queryparser.classic.ParseException;
import org.apache.lucene.queryparser.classic.QueryParser;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.DisjunctionMaxQuery;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermQuery;

/**
 * Lucene's classic parser with the leaves that query_string of Elasticsearch has when no default field is set:
 * all fields are asked, and what a field's type cannot read matches nothing.
 */
final class ElasticParser extends QueryParser {
  private static final String ALL = "*";
  private static final String EXISTS = "_exists_";

  private final Corpus corpus;

  ElasticParser(Corpus corpus) {
    super(ALL, new KeywordAnalyzer());
    this.corpus = corpus;
    setAllowLeadingWildcard(true);
  }

  @Override
  public Query parse(String query) throws ParseException {
    return query.isBlank() ? new MatchNoDocsQuery("blank") : super.parse(query);
  }

  @Override
  protected Query getFieldQuery(String field, String text, boolean quoted) throws ParseException {
    if (field.equals(EXISTS)) return exists(text);
    if (!quoted && text.length() > 1 && "<>".indexOf(text.charAt(0)) >= 0) return halfOpen(field, text);
    return onFields(field, name -> {
      FieldType type = corpus.type(name);
      return quoted ? type.phrase(name, text, corpus.analyzer) : type.term(name, text, corpus.analyzer);
    });
  }

  @Override
  protected Query getFieldQuery(String field, String text, int slop) throws ParseException {
    if (slop != 0) throw new FieldType.NotModelled("proximity");
    return getFieldQuery(field, text, true);
  }

  @Override
  protected Query getFuzzyQuery(String field, String text, float similarity) {
    throw new FieldType.NotModelled("fuzziness");
  }

  @Override
  protected Query getRangeQuery(String field, String lower, String upper, boolean withLower, boolean withUpper) {
    String least = ALL.equals(lower) ? null : lower;
    String most = ALL.equals(upper) ? null : upper;
    return onFields(field, name -> corpus.type(name).range(name, least, most, withLower, withUpper));
  }

  @Override
  protected Query getPrefixQuery(String field, String prefix) {
    return onFields(field, name -> corpus.type(name).prefix(name, prefix));
  }

  @Override
  protected Query getWildcardQuery(String field, String pattern) {
    if (pattern.equals(ALL)) return field.equals(ALL) ? new MatchAllDocsQuery() : exists(field);
    return onFields(field, name -> corpus.type(name).pattern(name, pattern));
  }

  @Override
  protected Query getRegexpQuery(String field, String expression) {
    return onFields(field, name -> corpus.type(name).expression(name, expression));
  }

  /** A level without a positive clause matches what its negations leave. */
  @Override
  protected Query getBooleanQuery(List<BooleanClause> clauses) throws ParseException {
    Query query = super.getBooleanQuery(clauses);
    if (!(query instanceof BooleanQuery level) || level.clauses().isEmpty()) return query;
    if (!level.clauses().stream().allMatch(BooleanClause::isProhibited)) return query;
    BooleanQuery.Builder builder = new BooleanQuery.Builder();
    level.clauses().forEach(builder::add);
    return builder.add(new MatchAllDocsQuery(), BooleanClause.Occur.FILTER).build();
  }

  private Query halfOpen(String field, String text) {
    boolean isInclusive = text.length() > 2 && text.charAt(1) == '=';
    String end = text.substring(isInclusive ? 2 : 1);
    if (text.charAt(0) == '>') return getRangeQuery(field, end, null, isInclusive, true);
    return getRangeQuery(field, null, end, true, isInclusive);
  }

  private Query exists(String pattern) {
    List<String> names = corpus.matching(pattern);
    if (names.isEmpty()) names = corpus.matching(pattern + ".*");
    BooleanQuery.Builder any = new BooleanQuery.Builder();
    for (String name : names) {
      any.add(new TermQuery(new Term(Corpus.NAMES, name)), BooleanClause.Occur.SHOULD);
    }
    return any.build();
  }

  /** Ask each field that a name stands for; null where analysis leaves nothing to ask. */
  private Query onFields(String field, Function<String, Query> leaf) {
    List<String> names = field.contains(ALL) ? corpus.matching(field) : List.of(field);
    List<Query> queries = new ArrayList<>();
    for (String name : names) {
      Query query = corpus.type(name) == null ? new MatchNoDocsQuery("unmapped") : lenient(name, leaf);
      if (query != null) queries.add(query);
    }
    if (queries.isEmpty()) return names.isEmpty() ? new MatchNoDocsQuery("no such field") : null;
    return queries.size() == 1 ? queries.get(0) : new DisjunctionMaxQuery(queries, 0);
  }

  private static Query lenient(String name, Function<String, Query> leaf) {
    try {
      return leaf.apply(name);
    } catch (IllegalArgumentException error) {
      return new MatchNoDocsQuery("lenient: " + error.getMessage());
    }
  }
}
