// Secrets that only their label gives away: passwords, and tokens that look random behind a name that speaks
// of keys.
#include <algorithm>

#include "text/context.hpp"
#include "text/entropy.hpp"
#include "text/memo.hpp"
#include "text/recogniser.hpp"

namespace kt::text {
namespace {

const Words kPasswords(
    "*password*|*passwd*|*passwort*|*passphrase*|*passcode*|*pwd*|*contraseña*|*mot de passe*|*senha*|"
    "*wachtwoord*|*kennwort*|*hasło*|*parola*|*пароль*|*密码*|*パスワード*|*비밀번호*");
const Words kKeys(
    "*token*|*secret*|*api key*|*apikey*|*api_key*|*api-key*|*access key*|*accesskey*|*access_key*|"
    "*access-key*|*secret key*|*private key*|*private_key*|*privatekey*|*credential*|*authorization*|"
    "*auth_key*|*authkey*|*accountkey*|*account_key*|*sharedaccesskey*|*signature*|*client_id*|*client id*|"
    "*encryption key*|*encryption_key*|*master key*|*license key*|*license_key*|*subscription-key*|"
    "*subscription key*|*bearer*|*session_id*|*sessionid*|*sig*|*access id*|*access_id*|*webhook*");
const Words kNoKeys(
    "*tokens*|*tokenizer*|*token count*|*token_count*|*keyboard*|*primary key*|*foreign key*|*public key*|"
    "*public_key*|*publickey*|*csrf*|*authenticity*");
const Words kNumbered("*token|*secret|*api key|*apikey|*api_key|*api-key");
const Words kOfSecrets("*secret*|*token*|*api*");

// The last words of a label: the name that is given a value.
std::string_view name_of(std::string_view label) {
  constexpr std::size_t kLongestName = 40;
  static constexpr ByteSet kEndsName("\n;,{(/");
  std::size_t begin = label.size();
  while (begin > 0 && label.size() - begin < kLongestName &&
         !kEndsName.has(static_cast<unsigned char>(label[begin - 1])))
    --begin;
  return label.substr(begin);
}

// Whether one of `words` is in `name`, which stands before what is asked about.
bool names(const Reader& reader, std::string_view name, const Words& words) {
  const auto end = static_cast<std::size_t>(name.data() - reader.text.data()) + name.size();
  return !name.empty() && near(reader, end, name.size(), words);
}

bool names_password(const Reader& reader, std::string_view name) {
  return names(reader, name, kPasswords) || name.ends_with("pass") || name.ends_with("Pass") ||
         name.ends_with("PASS");
}

bool names_key(const Reader& reader, std::string_view name) {
  return !names(reader, name, kNoKeys) &&
         (names(reader, name, kKeys) || name.ends_with("_key") || name.ends_with("_KEY") ||
          name.ends_with("Key") || name.ends_with("-key"));
}

constexpr ByteSet kTokenSigns("+/=_.~%-^\\:");
bool in_token(int c) { return is_alnum(c) || kTokenSigns.has(c); }

// a=b=c=d=e=f, a:b:c:d:e:f, ::::::
bool row_of_values(Reader& reader, std::size_t at) {
  int marks = 0;
  for (std::size_t i = at; i < at + 16 && reader.at(i) > ' '; ++i)
    marks += reader.at(i) == '=' || reader.at(i) == ':' ? 1 : 0;
  return marks > 5;
}

// The same in longer steps.
bool many_values(std::string_view token) {
  constexpr std::ptrdiff_t kMost = 8;
  return std::count(token.begin(), token.end(), '=') + std::count(token.begin(), token.end(), ':') > kMost;
}

// A value of a key: long and random enough, letters and digits; `numeric`: or a long number.
std::size_t key_value(Reader& reader, std::size_t at, bool numeric) {
  constexpr std::size_t kLeast = 10, kLeastNumeric = 15, kMost = 512;
  std::size_t i = run_end(reader, reader.memo->key_value, at, kMost, in_token);
  if (i - at > kMost || reader.at(i) == '(' || reader.at(i) == '[' || reader.at(i) == '@' ||
      reader.at(i) == '#' || reader.at(i) == '*')
    return 0;
  while (i > at && std::string_view(".:\\^").find(reader.text[i - 1]) != std::string_view::npos) --i;
  const std::string_view token = reader.text.substr(at, i - at);
  if (token.size() < kLeast || many_values(token) || placeholder(token)) return 0;
  const auto digits = std::count_if(token.begin(), token.end(), is_digit);
  const auto letters = std::count_if(token.begin(), token.end(), is_alpha);
  const bool mixed =
      std::any_of(token.begin(), token.end(), is_upper) && std::any_of(token.begin(), token.end(), is_lower);
  if (numeric && letters == 0 && token.size() >= kLeastNumeric) return i;
  if (digits < (mixed ? 1 : 2) || letters < 2 || token.find("://") != token.npos) return 0;
  const double least = token.size() < 16 ? 3.0 : 3.1;
  return entropy(token) >= least ? i : 0;
}

constexpr ByteSet kEndsPassword("\"'`<>");
bool in_password(int c) { return c > ' ' && c < 0x7f && !kEndsPassword.has(c); }

// Names, variables and examples in a password's place.
bool no_password(std::string_view text) {
  if (std::string_view("$<{[(*%").find(text[0]) != std::string_view::npos &&
      text.find_first_of("{}()<>[]") != text.npos)
    return true;
  if (text.find_first_not_of(text[0]) == text.npos || placeholder(text)) return true;
  return text.find("://") != text.npos || text.find('(') != text.npos || text.starts_with("//") ||
         text.starts_with("os.") || text.starts_with("process.") || text.starts_with("env.") ||
         text.find_first_of("{}") != text.npos ||
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
  std::size_t i = run_end(reader, reader.memo->password, at, kMost, in_password);
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
  if (row_of_values(reader, at)) return {};
  std::string_view before = reader.before(at);
  const std::string_view label = label_of(before);
  while (!before.empty() && std::string_view(" \"'`").find(before.back()) != std::string_view::npos)
    before.remove_suffix(1);
  const std::string_view name = name_of(label);
  const bool bearer =
      ends_in(before, "bearer") || ends_in(before, "basic") || ends_in(before, "authorization: token");
  if (names_password(reader, name) || ends_in(before, "identified by")) {
    const std::size_t end = password_value(reader, at);
    return {end, Entity::password};
  }
  if (!bearer && !names_key(reader, name)) return {};
  const std::size_t end = key_value(reader, at, names(reader, name, kNumbered));
  const bool uuid = end - at == 36 && reader.text[at + 8] == '-' && reader.text[at + 23] == '-';
  return uuid && !names(reader, name, kOfSecrets) ? Hit{} : Hit{end, Entity::api_key};
}

}  // namespace kt::text
