import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.DoublePoint;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.InetAddressPoint;
import org.apache.lucene.document.LongPoint;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.PrefixQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.RegexpQuery;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TermRangeQuery;
import org.apache.lucene.search.WildcardQuery;
import org.apache.lucene.util.QueryBuilder;
import org.apache.lucene.util.automaton.RegExp;

/**
 * What Elasticsearch's field types make of values and of leaves. A value that a type cannot read raises
 * {@link IllegalArgumentException}; who asks decides what that means.
 */
enum FieldType {
  KEYWORD {
    @Override
    void index(Document document, String field, Object value, Analyzer analyzer) {
      document.add(new StringField(field, text(value), Field.Store.NO));
    }

    @Override
    Query term(String field, String text, Analyzer analyzer) {
      return new TermQuery(new Term(field, text));
    }

    @Override
    Query prefix(String field, String prefix) {
      return new PrefixQuery(new Term(field, prefix));
    }

    @Override
    Query pattern(String field, String pattern) {
      return new WildcardQuery(new Term(field, pattern));
    }

    @Override
    Query expression(String field, String expression) {
      return new RegexpQuery(new Term(field, expression), RegExp.ALL);
    }

    @Override
    Query range(String field, String lower, String upper, boolean withLower, boolean withUpper) {
      return TermRangeQuery.newStringRange(field, lower, upper, withLower, withUpper);
    }
  },

  TEXT {
    @Override
    void index(Document document, String field, Object value, Analyzer analyzer) {
      document.add(new TextField(field, text(value), Field.Store.NO));
    }

    @Override
    Query term(String field, String text, Analyzer analyzer) {
      return new QueryBuilder(analyzer).createBooleanQuery(field, text);
    }

    @Override
    Query phrase(String field, String text, Analyzer analyzer) {
      return new QueryBuilder(analyzer).createPhraseQuery(field, text);
    }

    @Override
    Query prefix(String field, String prefix) {
      throw new NotModelled("a pattern on text");
    }

    @Override
    Query pattern(String field, String pattern) {
      throw new NotModelled("a pattern on text");
    }

    @Override
    Query expression(String field, String expression) {
      throw new NotModelled("an expression on text");
    }

    @Override
    Query range(String field, String lower, String upper, boolean withLower, boolean withUpper) {
      throw new NotModelled("a range on text");
    }
  },

  LONG {
    @Override
    void index(Document document, String field, Object value, Analyzer analyzer) {
      document.add(new LongPoint(field, whole(text(value), false)));
    }

    @Override
    Query term(String field, String text, Analyzer analyzer) {
      if (hasFraction(text)) return new MatchNoDocsQuery("a fraction");
      return LongPoint.newExactQuery(field, whole(text, false));
    }

    /** A fraction as an end rounds to the next whole number inside the range. */
    @Override
    Query range(String field, String lower, String upper, boolean withLower, boolean withUpper) {
      long least = Long.MIN_VALUE;
      long most = Long.MAX_VALUE;
      if (lower != null) {
        least = whole(lower, true);
        boolean isBelow = hasFraction(lower) ? number(lower) > 0 : !withLower;
        if (isBelow && least++ == Long.MAX_VALUE) return new MatchNoDocsQuery("above every number");
      }
      if (upper != null) {
        most = whole(upper, true);
        boolean isAbove = hasFraction(upper) ? number(upper) < 0 : !withUpper;
        if (isAbove && most-- == Long.MIN_VALUE) return new MatchNoDocsQuery("below every number");
      }
      return LongPoint.newRangeQuery(field, least, most);
    }
  },

  DOUBLE {
    @Override
    void index(Document document, String field, Object value, Analyzer analyzer) {
      document.add(new DoublePoint(field, finite(text(value))));
    }

    @Override
    Query term(String field, String text, Analyzer analyzer) {
      return DoublePoint.newExactQuery(field, finite(text));
    }

    @Override
    Query range(String field, String lower, String upper, boolean withLower, boolean withUpper) {
      double least = lower == null ? Double.NEGATIVE_INFINITY : number(lower);
      double most = upper == null ? Double.POSITIVE_INFINITY : number(upper);
      return DoublePoint.newRangeQuery(
          field,
          withLower || lower == null ? least : DoublePoint.nextUp(least),
          withUpper || upper == null ? most : DoublePoint.nextDown(most));
    }
  },

  BOOLEAN {
    @Override
    void index(Document document, String field, Object value, Analyzer analyzer) {
      document.add(new StringField(field, truth(text(value)), Field.Store.NO));
    }

    @Override
    Query term(String field, String text, Analyzer analyzer) {
      return new TermQuery(new Term(field, truth(text)));
    }

    @Override
    Query range(String field, String lower, String upper, boolean withLower, boolean withUpper) {
      throw new NotModelled("a range of booleans");
    }
  },

  IP {
    @Override
    void index(Document document, String field, Object value, Analyzer analyzer) {
      document.add(new InetAddressPoint(field, address(text(value))));
    }

    @Override
    Query term(String field, String text, Analyzer analyzer) {
      int slash = text.indexOf('/');
      if (slash < 0) return InetAddressPoint.newExactQuery(field, address(text));
      if (!text.substring(slash + 1).matches("[0-9]{1,3}")) throw unreadable(text);
      InetAddress network = address(text.substring(0, slash));
      boolean isMapped = text.contains(":") && network.getAddress().length == 4;
      if (isMapped) throw unreadable(text); // whose bits the prefix counts is not clear
      return InetAddressPoint.newPrefixQuery(field, network, Integer.parseInt(text.substring(slash + 1)));
    }

    @Override
    Query range(String field, String lower, String upper, boolean withLower, boolean withUpper) {
      InetAddress least = lower == null ? InetAddressPoint.MIN_VALUE : address(lower);
      InetAddress most = upper == null ? InetAddressPoint.MAX_VALUE : address(upper);
      if (lower != null && !withLower) {
        if (least.equals(InetAddressPoint.MAX_VALUE)) return new MatchNoDocsQuery("above every address");
        least = InetAddressPoint.nextUp(least);
      }
      if (upper != null && !withUpper) {
        if (most.equals(InetAddressPoint.MIN_VALUE)) return new MatchNoDocsQuery("below every address");
        most = InetAddressPoint.nextDown(most);
      }
      return InetAddressPoint.newRangeQuery(field, least, most);
    }
  };

  /** What the oracle does not know how Elasticsearch answers. */
  static final class NotModelled extends RuntimeException {
    private static final long serialVersionUID = 1;

    NotModelled(String what) {
      super(what);
    }
  }

  private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final String DOTTED = OCTET + "(\\." + OCTET + "){3}";
  private static final String HEXTETS = "[0-9a-fA-F:]*:";

  /** Only what cannot be the name of a host. */
  private static final Pattern ADDRESS =
      Pattern.compile(DOTTED + "|" + HEXTETS + "([0-9a-fA-F]*|" + DOTTED + ")");

  static FieldType named(String name) {
    switch (name) {
      case "wildcard":
      case "constant_keyword":
        return KEYWORD;
      default:
        return valueOf(name.toUpperCase());
    }
  }

  abstract void index(Document document, String field, Object value, Analyzer analyzer);

  /** Null where analysis leaves nothing of the text. */
  abstract Query term(String field, String text, Analyzer analyzer);

  abstract Query range(String field, String lower, String upper, boolean withLower, boolean withUpper);

  Query phrase(String field, String text, Analyzer analyzer) {
    return term(field, text, analyzer);
  }

  Query prefix(String field, String prefix) {
    throw new IllegalArgumentException("patterns are for text only");
  }

  Query pattern(String field, String pattern) {
    throw new IllegalArgumentException("patterns are for text only");
  }

  Query expression(String field, String expression) {
    throw new IllegalArgumentException("expressions are for text only");
  }

  private static String text(Object value) {
    return value instanceof Json.Numeral numeral ? numeral.text() : value.toString();
  }

  private static double number(String text) {
    return Double.parseDouble(text);
  }

  private static double finite(String text) {
    double number = number(text);
    if (!Double.isFinite(number)) throw unreadable(text);
    return number;
  }

  private static boolean hasFraction(String text) {
    return number(text) % 1 != 0;
  }

  private static long whole(String text, boolean cutsFraction) {
    try {
      BigDecimal number = new BigDecimal(text);
      BigInteger whole = cutsFraction ? number.toBigInteger() : number.toBigIntegerExact();
      return whole.longValueExact();
    } catch (ArithmeticException error) {
      throw unreadable(text);
    }
  }

  private static String truth(String text) {
    switch (text) {
      case "true": return "T";
      case "false": return "F";
      default: throw unreadable(text);
    }
  }

  /** Read an address without ever asking a name server. */
  private static InetAddress address(String text) {
    if (!ADDRESS.matcher(text).matches()) throw unreadable(text);
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException error) {
      throw unreadable(text);
    }
  }

  private static IllegalArgumentException unreadable(String text) {
    return new IllegalArgumentException("unreadable: " + text);
  }
}
