// Secrets of many bytes: private keys (PEM, OpenPGP), JSON web tokens (RFC 7519), connection strings, URLs
// with a password in them.
#include <algorithm>
#include <array>

#include "text/context.hpp"
#include "text/entropy.hpp"
#include "text/memo.hpp"
#include "text/recogniser.hpp"

namespace kt::text {
namespace {

constexpr std::size_t kLongest = 16 * 1024;

constexpr std::string_view kDashes = "-----";

// Behind "-----BEGIN ... PRIVATE KEY-----"; 0: none.
std::size_t key_header(Reader& reader, std::size_t at) {
  if (!literal(reader, at, "-----BEGIN ")) return 0;
  std::size_t i = at + 11;
  while (i - at < 64 && (is_upper(reader.at(i)) || is_digit(reader.at(i)) || reader.at(i) == ' ')) ++i;
  if (!literal(reader, i, kDashes)) return 0;
  const std::string_view name = reader.text.substr(at + 11, i - at - 11);
  return name.find("PRIVATE KEY") != name.npos ? i + kDashes.size() : 0;
}

bool base64url(int c) { return is_alnum(c) || c == '_' || c == '-'; }

std::size_t run(Reader& reader, std::size_t i, std::size_t most, bool (*fits)(int)) {
  const std::size_t begin = i;
  while (i - begin <= most && fits(reader.at(i))) ++i;
  return i;
}

bool in_key(int c) {
  return is_alnum(c) || c == '+' || c == '/' || c == '=' || c == '\n' || c == '\r' || c == '\\';
}

constexpr ByteSet kEndsValue("\"'`<>;,"), kEndsPairs("\"'`< ");

// Not a byte that ends a value in code or prose.
bool in_value(int c) { return c > ' ' && c < 0x7f && !kEndsValue.has(c); }
bool in_pairs(int c) { return c >= ' ' && c < 0x7f && !kEndsPairs.has(c); }

constexpr std::string_view kDatabases[] = {"postgres",    "postgresql", "mysql",  "mariadb",    "mongodb",
                                           "mongodb+srv", "redis",      "rediss", "amqp",       "amqps",
                                           "mssql",       "sqlserver",  "oracle", "clickhouse", "cockroachdb",
                                           "kafka",       "ldap",       "ldaps",  "smtp",       "smtps"};

bool stands_for_something(std::string_view password) {
  return password.empty() || std::string_view("<${[*%").find(password[0]) != std::string_view::npos ||
         placeholder(password) || has_word(password, "password") || has_word(password, "passwd");
}

// scheme://user:password@host...
Hit url_with_password(Reader& reader, std::size_t at) {
  std::size_t i = at;
  while (i - at <= 20 &&
         (is_alnum(reader.at(i)) || reader.at(i) == '+' || reader.at(i) == '.' || reader.at(i) == '-'))
    ++i;
  if (i - at < 2 || i - at > 20 || !literal(reader, i, "://")) return {};
  const std::string_view scheme = reader.text.substr(at, i - at);
  std::size_t colon = 0;
  for (i += 3; i - at < 300; ++i) {
    const int c = reader.at(i);
    if (c == '@') break;
    if (c == ':' && colon == 0) colon = i;
    if (c == '/' || c == '?' || c == '#' || !(in_value(c) || c == ',' || c == ';')) return {};
  }
  if (colon == 0 || reader.at(i) != '@') return {};
  if (stands_for_something(reader.text.substr(colon + 1, i - colon - 1))) return {};
  std::size_t end = run(reader, i + 1, 512, in_value);
  while (end > i + 1 && std::string_view(".)]}!?:").find(reader.text[end - 1]) != std::string_view::npos)
    --end;
  const bool database =
      std::find(std::begin(kDatabases), std::end(kDatabases), scheme) != std::end(kDatabases);
  return {end, database ? Entity::connection_string : Entity::url_credentials};
}

// Name=value;Name=value with one of the names a secret's.
Hit pairs(Reader& reader, std::size_t at) {
  constexpr std::string_view kFirst[] = {"defaultendpointsprotocol=",
                                         "endpoint=sb://",
                                         "accountendpoint=",
                                         "blobendpoint=",
                                         "hostname=",
                                         "server=",
                                         "data source=",
                                         "accountname=",
                                         "host=",
                                         "driver="};
  if (std::none_of(std::begin(kFirst), std::end(kFirst),
                   [&](std::string_view name) { return literal_any_case(reader, at, name); }))
    return {};
  constexpr std::size_t kMost = 512;
  bool value = false;
  std::size_t i = at, good = 0;
  for (;; ++i) {  // a space ends a value, not a name
    const std::size_t begin = i;
    i = run_end(reader, reader.memo->pairs, begin, kMost - (begin - at), in_pairs);
    if (i - at >= kMost) return {};
    const std::string_view part = reader.text.substr(begin, i - begin);
    if (const std::size_t mark = part.find_last_of("=;"); mark != part.npos) value = part[mark] == '=';
    if (const std::size_t mark = part.rfind(';'); mark != part.npos) good = begin + mark;
    if (value || reader.at(i) != ' ') break;
  }
  const std::size_t end = value ? i : good;
  if (end <= at) return {};
  const std::string_view text = reader.text.substr(at, end - at);
  constexpr std::string_view kSecret[] = {
      ";accountkey=", ";sharedaccesskey=", ";password=", ";pwd=", ";sharedaccesssignature=", "; password=",
      "; pwd="};
  for (std::size_t mark = text.find(';'); mark != text.npos; mark = text.find(';', mark + 1)) {
    Reader rest{text.substr(mark)};
    if (std::any_of(std::begin(kSecret), std::end(kSecret),
                    [&](std::string_view name) { return literal_any_case(rest, 0, name); }))
      return {end, Entity::connection_string};
  }
  return {};
}

}  // namespace

Hit find_private_key(Reader& reader, std::size_t at) {
  const std::size_t body = key_header(reader, at);
  if (body == 0) return {};
  std::size_t i = body, coded = 0;
  for (; i - body < kLongest; ++i) {
    const int c = reader.at(i);
    if (c < 0 || (c == '-' && literal(reader, i, kDashes))) break;
    coded += is_alnum(c) || c == '+' || c == '/' ? 1 : 0;
  }
  constexpr std::size_t kLeast = 40;
  if (coded < kLeast) return {};
  if (literal(reader, i, "-----END ")) {
    std::size_t end = i + 9;
    while (end - i < 64 && reader.at(end) != '-' && reader.at(end) >= ' ') ++end;
    return {literal(reader, end, kDashes) ? end + kDashes.size() : end, Entity::private_key};
  }
  const std::size_t end = run(reader, body, kLongest, in_key);
  return end - body >= kLeast ? Hit{end, Entity::private_key} : Hit{};
}

Hit find_jwt(Reader& reader, std::size_t at) {
  if (!literal(reader, at, "eyJ")) return {};
  const std::size_t head = run_end(reader, reader.memo->head, at, kLongest, base64url);
  if (head - at < 16 || reader.at(head) != '.') return {};
  if (placeholder(reader.text.substr(at, std::min<std::size_t>(head - at, 64)))) return {};
  const std::size_t claims = run_end(reader, reader.memo->claims, head + 1, kLongest, base64url);
  if (claims - head < 12 || claims - at > kLongest || reader.at(claims) != '.') return {};
  const std::size_t end = run(reader, claims + 1, 2048, base64url);
  return end - claims < 2 ? Hit{} : Hit{end, Entity::jwt};
}

Hit find_connection(Reader& reader, std::size_t at) {
  if (const Hit hit = url_with_password(reader, at); hit.end != 0 || reader.starved) return hit;
  return pairs(reader, at);
}

}  // namespace kt::text
