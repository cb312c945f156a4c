import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Just enough JSON for the oracle's lines. Numbers stay as written ({@link Numeral}), as Elasticsearch indexes
 * the text of a number in a keyword field.
 */
final class Json {
  /** A number as its text. */
  record Numeral(String text) {}

  private final String text;
  private int position;

  private Json(String text) {
    this.text = text;
  }

  static Object read(String text) {
    Json reader = new Json(text);
    Object value = reader.value();
    reader.skipSpace();
    if (reader.position < text.length()) throw reader.unexpected();
    return value;
  }

  static String write(Object value) {
    if (value instanceof String string) return quoted(string);
    if (value instanceof List<?> list) {
      return "[" + String.join(",", list.stream().map(Json::write).toList()) + "]";
    }
    if (value instanceof Map<?, ?> map) {
      List<String> members = new ArrayList<>();
      map.forEach((key, inner) -> members.add(quoted((String) key) + ":" + write(inner)));
      return "{" + String.join(",", members) + "}";
    }
    return String.valueOf(value);
  }

  private static String quoted(String string) {
    StringBuilder written = new StringBuilder("\"");
    for (char unit : string.toCharArray()) {
      if (unit == '"' || unit == '\\') written.append('\\').append(unit);
      else if (unit < ' ' || unit > '~') written.append(String.format("\\u%04x", (int) unit));
      else written.append(unit);
    }
    return written.append('"').toString();
  }

  private Object value() {
    skipSpace();
    switch (text.charAt(position)) {
      case '{': return object();
      case '[': return array();
      case '"': return string();
      case 't': return word("true", true);
      case 'f': return word("false", false);
      case 'n': return word("null", null);
      default: return numeral();
    }
  }

  private Map<String, Object> object() {
    Map<String, Object> members = new LinkedHashMap<>();
    position++;
    for (boolean isFirst = true; !closes('}', isFirst); isFirst = false) {
      skipSpace();
      String key = string();
      skipSpace();
      expect(':');
      members.put(key, value());
    }
    return members;
  }

  private List<Object> array() {
    List<Object> items = new ArrayList<>();
    position++;
    for (boolean isFirst = true; !closes(']', isFirst); isFirst = false) items.add(value());
    return items;
  }

  /** Pass the end of an array or object, else the comma before another member. */
  private boolean closes(char bracket, boolean isFirst) {
    skipSpace();
    if (text.charAt(position) == bracket) {
      position++;
      return true;
    }
    if (!isFirst) expect(',');
    return false;
  }

  private String string() {
    expect('"');
    StringBuilder read = new StringBuilder();
    while (text.charAt(position) != '"') {
      char unit = text.charAt(position++);
      read.append(unit == '\\' ? escaped() : unit);
    }
    position++;
    return read.toString();
  }

  private char escaped() {
    char kind = text.charAt(position++);
    switch (kind) {
      case 'b': return '\b';
      case 'f': return '\f';
      case 'n': return '\n';
      case 'r': return '\r';
      case 't': return '\t';
      case 'u':
        position += 4;
        return (char) Integer.parseInt(text.substring(position - 4, position), 16);
      default: return kind;
    }
  }

  private Object word(String word, Object meaning) {
    if (!text.startsWith(word, position)) throw unexpected();
    position += word.length();
    return meaning;
  }

  private Numeral numeral() {
    int start = position;
    while (position < text.length() && "+-.0123456789eE".indexOf(text.charAt(position)) >= 0) position++;
    if (start == position) throw unexpected();
    return new Numeral(text.substring(start, position));
  }

  private void skipSpace() {
    while (position < text.length() && " \t\r\n".indexOf(text.charAt(position)) >= 0) position++;
  }

  private void expect(char character) {
    if (text.charAt(position) != character) throw unexpected();
    position++;
  }

  private IllegalArgumentException unexpected() {
    return new IllegalArgumentException("no JSON at " + position + ": " + text);
  }
}
