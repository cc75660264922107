#pragma once
// Reads tests/fixtures/*.tsv; the format is in tests/fixtures/README.md.

#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace kt::test {

using Row = std::vector<std::string>;

inline std::string unescape(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    switch (text.at(++i)) {
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 't':
        out += '\t';
        break;
      case '\\':
        out += '\\';
        break;
      case 'x':
        out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
        i += 2;
        break;
      default:
        throw std::runtime_error("an unknown escape in a fixture");
    }
  }
  return out;
}

inline std::vector<Row> rows(const std::string& name) {
  std::ifstream file(std::string(KT_SOURCE_DIR) + "/tests/fixtures/" + name);
  if (!file) throw std::runtime_error("no fixture " + name);
  std::vector<Row> all;
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("# ")) continue;
    Row row;
    for (std::size_t begin = 0;;) {
      const std::size_t end = line.find('\t', begin);
      row.push_back(unescape(line.substr(begin, end - begin)));
      if (end == line.npos) break;
      begin = end + 1;
    }
    all.push_back(std::move(row));
  }
  return all;
}

}  // namespace kt::test
