// Secrets that only their label gives away: passwords, and tokens that look random behind a name that speaks
// of keys.
#include <algorithm>
#include <string>

#include "text/context.hpp"
#include "text/entropy.hpp"
#include "text/recogniser.hpp"

namespace kt::text {
namespace {

// `label` in lower case.
bool one_of(std::string_view label, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [label](std::string_view word) { return label.find(word) != label.npos; });
}

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(lower(static_cast<unsigned char>(c)));
  return out;
}

// The last words of a label: the name that is given a value.
std::string_view name_of(std::string_view label) {
  const std::size_t line = label.find_last_of("\n;,{(");
  if (line != label.npos) label.remove_prefix(line + 1);
  return label.size() > 40 ? label.substr(label.size() - 40) : label;
}

bool names_password(std::string_view name, std::string_view low) {
  return one_of(low, {"password", "passwd", "passwort", "passphrase", "passcode", "pwd", "contraseña",
                      "mot de passe", "senha", "wachtwoord", "kennwort", "hasło", "parola", "пароль", "密码",
                      "パスワード", "비밀번호"}) ||
         name.ends_with("pass") || name.ends_with("Pass") || name.ends_with("PASS");
}

bool names_key(std::string_view name, std::string_view low) {
  if (one_of(low, {"tokens", "tokenizer", "token count", "token_count", "keyboard", "primary key",
                   "foreign key", "public key", "public_key", "publickey", "csrf", "authenticity"}))
    return false;
  return one_of(low, {"token",
                      "secret",
                      "api key",
                      "apikey",
                      "api_key",
                      "api-key",
                      "access key",
                      "accesskey",
                      "access_key",
                      "access-key",
                      "secret key",
                      "private key",
                      "private_key",
                      "privatekey",
                      "credential",
                      "authorization",
                      "auth_key",
                      "authkey",
                      "accountkey",
                      "account_key",
                      "sharedaccesskey",
                      "signature",
                      "client_id",
                      "client id",
                      "encryption key",
                      "encryption_key",
                      "master key",
                      "license key",
                      "license_key",
                      "subscription-key",
                      "subscription key",
                      "bearer",
                      "session_id",
                      "sessionid",
                      "sig",
                      "access id",
                      "access_id",
                      "webhook"}) ||
         name.ends_with("_key") || name.ends_with("_KEY") || name.ends_with("Key") || name.ends_with("-key");
}

bool in_token(int c) {
  return is_alnum(c) ||
         (c > 0 && c < 0x80 &&
          std::string_view("+/=_.~%-^\\:").find(static_cast<char>(c)) != std::string_view::npos);
}

// A value of a key: long and random enough, letters and digits.
std::size_t key_value(Reader& reader, std::size_t at) {
  constexpr std::size_t kLeast = 10, kMost = 512;
  std::size_t i = at;
  while (i - at <= kMost && in_token(reader.at(i))) ++i;
  if (i - at > kMost || reader.at(i) == '(' || reader.at(i) == '[' || reader.at(i) == '@') return 0;
  while (i > at && std::string_view(".:\\^").find(reader.text[i - 1]) != std::string_view::npos) --i;
  const std::string_view token = reader.text.substr(at, i - at);
  if (token.size() < kLeast || placeholder(token)) return 0;
  const auto digits = std::count_if(token.begin(), token.end(), is_digit);
  const auto letters = std::count_if(token.begin(), token.end(), is_alpha);
  const bool mixed =
      std::any_of(token.begin(), token.end(), is_upper) && std::any_of(token.begin(), token.end(), is_lower);
  if (digits < (mixed ? 1 : 2) || letters < 2 || token.find("://") != token.npos) return 0;
  const double least = token.size() < 16 ? 3.0 : 3.1;
  return entropy(token) >= least ? i : 0;
}

bool in_password(int c) {
  return c > ' ' && c != 0x7f && c < 0x80 &&
         std::string_view("\"'`<>").find(static_cast<char>(c)) == std::string_view::npos;
}

// Names, variables and examples in a password's place.
bool no_password(std::string_view text) {
  if (std::string_view("$<{[(*%").find(text[0]) != std::string_view::npos &&
      text.find_first_of("{}()<>[]") != text.npos)
    return true;
  if (text.find_first_not_of(text[0]) == text.npos || placeholder(text)) return true;
  return text.find("://") != text.npos || text.find('(') != text.npos || text.starts_with("os.") ||
         text.starts_with("process.") || text.starts_with("env.") || text.find_first_of("{}") != text.npos ||
         (text[0] == '$' && text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", 1) == text.npos);
}

// Something that people choose for passwords: a digit, a sign or capitals among letters.
bool chosen(std::string_view text) {
  bool digit = false, sign = false, mixed = false, letter = false;
  int capitals = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int c = static_cast<unsigned char>(text[i]);
    digit |= is_digit(c);
    letter |= is_alpha(c);
    sign |= std::string_view("!@#$%^&*?+").find(static_cast<char>(c)) != std::string_view::npos &&
            i + 1 < text.size();
    capitals += is_upper(c) && i > 0 && is_upper(static_cast<unsigned char>(text[i - 1])) ? 1 : 0;
    mixed |= i > 0 && is_upper(c) && is_lower(static_cast<unsigned char>(text[i - 1]));
  }
  return (letter && (digit || sign)) || (digit && sign) || (mixed && capitals > 0 && text.size() >= 8);
}

std::size_t password_value(Reader& reader, std::size_t at) {
  constexpr std::size_t kLeast = 5, kMost = 128;
  std::size_t i = at;
  while (i - at <= kMost && in_password(reader.at(i))) ++i;
  if (i - at > kMost) return 0;
  while (i > at && std::string_view(".,;:)]}|").find(reader.text[i - 1]) != std::string_view::npos) --i;
  const std::string_view text = reader.text.substr(at, i - at);
  if (text.size() < kLeast || no_password(text) || !chosen(text)) return 0;
  return i;
}

bool ends_in(std::string_view text, std::string_view word) {
  return text.size() >= word.size() && has_word(text.substr(text.size() - word.size()), word);
}

}  // namespace

Hit find_labelled_secret(Reader& reader, std::size_t at) {
  std::string_view before = reader.before(at);
  const std::string_view label = label_of(before);
  while (!before.empty() && std::string_view(" \"'`").find(before.back()) != std::string_view::npos)
    before.remove_suffix(1);
  const std::string_view name = name_of(label);
  const std::string low = lowered(name);
  const bool bearer =
      ends_in(before, "bearer") || ends_in(before, "basic") || ends_in(before, "authorization: token");
  if (names_password(name, low) || ends_in(before, "identified by")) {
    const std::size_t end = password_value(reader, at);
    return {end, Entity::password};
  }
  if (!bearer && !names_key(name, low)) return {};
  const std::size_t end = key_value(reader, at);
  const bool uuid = end - at == 36 && reader.text[at + 8] == '-' && reader.text[at + 23] == '-';
  return uuid && !one_of(low, {"secret", "token", "api"}) ? Hit{} : Hit{end, Entity::api_key};
}

}  // namespace kt::text
