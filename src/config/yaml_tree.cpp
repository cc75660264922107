#include "config/yaml_tree.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>

namespace kt::config {
namespace {

constexpr std::size_t kMaxBytes = 1u << 20, kMaxNodes = 100'000, kMaxDepth = 64;

struct Refused {
  Position position;
  std::string code, message, suggestion;
};

Position at(const YAML::Mark& mark, std::uint32_t file) {
  return {file, static_cast<std::uint32_t>(std::max(mark.line, 0)) + 1,
          static_cast<std::uint32_t>(std::max(mark.column, 0)) + 1};
}

// Whether the quote at `at` has its partner. yaml-cpp takes the end of the file for it.
bool is_closed(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '"' || i + 1 == text.size() || text[i + 1] != quote) return true;
      ++i;
    }
  }
  return false;
}

// Builds the tree; throws Refused at the first thing it does not take.
class Builder final : public YAML::EventHandler {
 public:
  Builder(std::string_view text, std::uint32_t file) : text_(text), file_(file) {}
  Node root;

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) refuse(mark, "a second document", "keep one document per file");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    no_anchor(mark, anchor);
    add(mark, Node{});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse(mark, "an alias", "write the value out");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    no_anchor(mark, anchor);
    no_tag(mark, tag);
    closed_quote(mark);
    Node node;
    node.kind = Node::Kind::scalar;
    node.text = value;
    node.quoted = tag == "!";
    if (!node.quoted &&
        (value.empty() || value == "~" || value == "null" || value == "Null" || value == "NULL"))
      node.kind = Node::Kind::null;
    add(mark, std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::list);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::map);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Node node;
    std::string key;
    Position key_position;
    bool has_key = false;
  };

  [[noreturn]] void refuse(const YAML::Mark& mark, std::string what, std::string advice,
                           const char* code = "E109") const {
    throw Refused{at(mark, file_), code, std::move(what) + " is not allowed", std::move(advice)};
  }
  void no_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) const {
    if (anchor != 0) refuse(mark, "an anchor", "write the value out where it is needed");
  }
  void no_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (!tag.empty() && tag != "?" && tag != "!") refuse(mark, "a tag", "leave it out");
  }
  void closed_quote(const YAML::Mark& mark) const {
    const std::size_t pos = static_cast<std::size_t>(std::max(mark.pos, 0));
    if (pos < text_.size() && (text_[pos] == '"' || text_[pos] == '\'') && !is_closed(text_, pos))
      throw Refused{at(mark, file_), "E101", "this quote is not closed", "close it; is the file complete?"};
  }
  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Node::Kind kind) {
    no_anchor(mark, anchor);
    no_tag(mark, tag);
    count(mark);
    if (!stack_.empty() && stack_.back().node.kind == Node::Kind::map && !stack_.back().has_key)
      refuse(mark, "a key that is no plain text", "use a name as key");
    if (stack_.size() >= kMaxDepth) refuse(mark, "nesting of more than 64 levels", "flatten the document");
    Open opened;
    opened.node.kind = kind;
    opened.node.position = at(mark, file_);
    stack_.push_back(std::move(opened));
  }
  void close() {
    Node node = std::move(stack_.back().node);
    stack_.pop_back();
    place(std::move(node));
  }
  void count(const YAML::Mark& mark) {
    if (++nodes_ > kMaxNodes) refuse(mark, "a document of more than 100000 values", "split it into layers");
  }
  void add(const YAML::Mark& mark, Node node) {
    count(mark);
    node.position = at(mark, file_);
    if (!stack_.empty() && stack_.back().node.kind == Node::Kind::map && !stack_.back().has_key) {
      take_key(mark, node);
      return;
    }
    place(std::move(node));
  }
  void take_key(const YAML::Mark& mark, const Node& node) {
    Open& top = stack_.back();
    if (node.kind != Node::Kind::scalar) refuse(mark, "an empty key", "give it a name");
    if (node.text == "<<" && !node.quoted)
      refuse(mark, "a merge key", "write the values out, or use a second --policy-config");
    if (top.node.find(node.text) != nullptr)
      throw Refused{node.position, "E102", "this key stands here twice", "keep one of them"};
    top.key = node.text;
    top.key_position = node.position;
    top.has_key = true;
  }
  void place(Node node) {
    if (stack_.empty()) {
      root = std::move(node);
      return;
    }
    Open& top = stack_.back();
    if (top.node.kind == Node::Kind::list) {
      top.node.items.push_back(std::move(node));
      return;
    }
    top.node.members.emplace_back(std::move(top.key), std::move(node));
    top.node.key_positions.push_back(top.key_position);
    top.has_key = false;
  }

  const std::string_view text_;  // without a byte order mark, as the parser counts
  std::uint32_t file_;
  std::vector<Open> stack_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

bool valid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::size_t more = byte < 0x80                    ? 0
                             : byte >= 0xc2 && byte <= 0xdf ? 1
                             : (byte & 0xf0) == 0xe0        ? 2
                             : byte >= 0xf0 && byte <= 0xf4 ? 3
                                                            : 9;
    if (more == 9 || i + more >= text.size() + (more == 0)) return false;
    for (std::size_t k = 1; k <= more; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
    }
    i += more + 1;
  }
  return true;
}

// What no YAML reader may be trusted with: bytes that show up nowhere, and lines that look indented and are
// not.
void check_bytes(std::string_view text, std::uint32_t file) {
  if (text.size() > kMaxBytes)
    throw Refused{{file, 1, 1}, "E101", "the file is larger than 1 MiB", "split it into layers"};
  std::uint32_t line = 1, column = 1;
  bool indent = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const Position position{file, line, column};
    if ((c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7f)
      throw Refused{position, "E101", "a control byte", "remove it"};
    if (c == '\r' && (i + 1 == text.size() || text[i + 1] != '\n'))
      throw Refused{position, "E101", "a carriage return without line feed", "use LF line ends"};
    if (c == '\t' && indent)
      throw Refused{position, "E101", "a tab in the indentation", "indent with spaces"};
    if (c == '%' && column == 1)
      throw Refused{position, "E109", "a YAML directive is not allowed", "remove it"};
    indent = indent && (c == ' ' || c == '\n');
    ++column;
    if (c == '\n') {
      ++line;
      column = 1;
      indent = true;
    }
  }
  if (!valid_utf8(text))
    throw Refused{{file, 1, 1}, "E101", "the file is not valid UTF-8", "save it as UTF-8"};
}

Node read(const std::string& text, std::uint32_t file) {
  check_bytes(text, file);
  Builder builder(std::string_view(text).substr(text.starts_with("\xef\xbb\xbf") ? 3 : 0), file);
  std::istringstream stream(text);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    throw Refused{at(error.mark, file), "E101", "the YAML cannot be read: " + error.msg,
                  "check indentation, colons and quotes around this line"};
  }
  return std::move(builder.root);
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (const auto& [name, node] : members) {
    if (name == key) return &node;
  }
  return nullptr;
}

Node parse_yaml(const std::string& text, std::uint32_t file, std::vector<Diagnostic>& diagnostics) {
  try {
    return read(text, file);
  } catch (const Refused& refused) {
    Diagnostic diagnostic;
    diagnostic.code = refused.code;
    diagnostic.message = refused.message;
    diagnostic.suggestion = refused.suggestion;
    diagnostic.position = refused.position;
    diagnostics.push_back(std::move(diagnostic));
  }
  return {};
}

void merge(Node& base, Node&& over) {
  if (base.kind != Node::Kind::map || over.kind != Node::Kind::map) {
    if (over.kind != Node::Kind::null) base = std::move(over);
    return;
  }
  for (std::size_t i = 0; i < over.members.size(); ++i) {
    auto& [name, node] = over.members[i];
    const auto mine = std::find_if(base.members.begin(), base.members.end(),
                                   [&](const auto& member) { return member.first == name; });
    if (mine == base.members.end()) {
      base.members.emplace_back(std::move(name), std::move(node));
      base.key_positions.push_back(over.key_positions[i]);
    } else {
      merge(mine->second, std::move(node));
    }
  }
}

}  // namespace kt::config
