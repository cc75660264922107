#pragma once
// The one place that writes message heads. A name that is no token or a value with a control byte never gets
// out.

#include <string>
#include <string_view>

namespace kt::http {

// "200 OK"; unknown statuses get an empty phrase.
std::string_view reason_phrase(int status);

bool valid_field_name(std::string_view name);
bool valid_field_value(std::string_view value);  // no CR, LF, NUL or other control byte but HTAB

// Appends to `out`, which the caller owns and reuses.
class HeadWriter {
 public:
  explicit HeadWriter(std::string& out) : out_(out) {}

  void status(int code);  // "HTTP/1.1 200 OK\r\n"
  void request(std::string_view method,
               std::string_view target);  // "POST /x HTTP/1.1\r\n"; the target must be checked already

  // False, and nothing written, when name or value are not valid.
  [[nodiscard]] bool field(std::string_view name, std::string_view value);

  // For constants and numbers of our own.
  void own_field(std::string_view name, std::string_view value);

 private:
  std::string& out_;
};

}  // namespace kt::http
