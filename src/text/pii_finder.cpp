// The walk over the tokens of a text, and the table of recognisers.
#include <array>

#include "text/memo.hpp"
#include "text/recogniser.hpp"

namespace kt::text {
namespace {

// With which token a recogniser can begin.
enum Start : unsigned {
  kDigits = 1,     // it begins with a digit
  kLetters = 2,    // it begins with a letter, and something in it or behind it is more than a word
  kPunct = 4,      // + ( - :
  kForeign = 8,    // a letter outside ASCII
  kLabelled = 16,  // a label stands before it
  kSigns = 32,     // a label stands before it, and it begins with neither a letter nor a digit
  kCode = 64,      // long enough for a number with a meaning: five letters and digits, in groups perhaps
  kLong = 128,     // a long word
};

struct Row {
  Recogniser find;
  unsigned starts;
  EntitySet makes;
};

template <class... Each>
EntitySet makes(Each... each) {
  EntitySet out;
  (out.set(static_cast<std::size_t>(each)), ...);
  return out;
}

// Of two of one length the first row wins.
const std::array<Row, 22>& rows() {
  using enum Entity;
  static const std::array<Row, 22> table{{
      {find_private_key, kPunct, makes(private_key)},
      {find_connection, kLetters, makes(connection_string, url_credentials)},
      {find_jwt, kLetters, makes(jwt)},
      {find_key_format, kLetters | kDigits, makes(api_key)},
      {find_email, kLetters | kDigits | kForeign, makes(email)},
      {find_card, kCode, makes(credit_card)},
      {find_card_detail, kDigits, makes(cvv, card_expiry)},
      {find_cardholder, kLabelled, makes(cardholder_name)},
      {find_iban, kLetters, makes(iban)},
      {find_health, kCode, makes(medical_record_number, insurance_id, npi, dea_number)},
      {find_ssn, kCode, makes(ssn, itin)},
      {find_national_id, kCode, makes(national_id)},
      {find_tax_id, kCode, makes(tax_id)},
      {find_bank, kCode | kLetters | kLabelled, makes(routing_number, bank_account, swift_bic)},
      {find_document, kCode, makes(passport, driver_license)},
      {find_birth_date, kDigits | kLetters | kLabelled, makes(date_of_birth)},
      {find_ipv4, kDigits, makes(ip_address)},
      {find_ipv6, kDigits | kLetters | kPunct, makes(ip_address)},
      {find_mac, kDigits | kLetters, makes(mac_address)},
      {find_crypto, kLong, makes(crypto_address)},
      {find_phone, kDigits | kPunct, makes(phone)},
      {find_labelled_secret, kLabelled | kSigns, makes(api_key, password)},
  }};
  return table;
}

enum Class : unsigned char { kWord = 1, kDigit = 2, kHigh = 4, kOpener = 8, kJoint = 16, kSymbol = 32 };

// kJoint: a byte that can join a word to more than a word. kSymbol: may begin a labelled value.
constexpr std::array<unsigned char, 256> kClasses = [] {
  std::array<unsigned char, 256> out{};
  for (int c = 0; c < 256; ++c) {
    unsigned char flags = 0;
    if (is_alnum(c) || c == '_') flags |= kWord;
    if (is_digit(c)) flags |= kDigit;
    if (c >= 0x80) flags |= kHigh;
    if (std::string_view("+(-:").find(static_cast<char>(c)) != std::string_view::npos && c < 0x80)
      flags |= kOpener;
    if (std::string_view("@:.-+%~").find(static_cast<char>(c)) != std::string_view::npos && c < 0x80)
      flags |= kJoint;
    if (std::string_view("!$%&*@#^~?/=<.;").find(static_cast<char>(c)) != std::string_view::npos && c < 0x80)
      flags |= kSymbol;
    out[static_cast<std::size_t>(c)] = flags;
  }
  return out;
}();

unsigned char class_at(std::string_view text, std::size_t i) {
  return kClasses[static_cast<unsigned char>(text[i])];
}

// Whether something that introduces a value stands before i: cheap, and true too often rather than too
// rarely.
bool introduced(std::string_view text, std::size_t i) {
  if (i == 0) return false;
  std::size_t at = i - 1;
  const auto quote = [&](std::size_t k) { return text[k] == '"' || text[k] == '\'' || text[k] == '`'; };
  if (quote(at) && at > 0) --at;
  for (int spaces = 0; spaces < 2 && at > 0 && is_space(static_cast<unsigned char>(text[at])); ++spaces) --at;
  const char c = text[at];
  if (c == ':' || c == '=' || c == '>' || c == '|') return true;
  if (c == ',') return quote(i - 1);
  if (at + 1 == i) return quote(i - 1);
  if (c != 's' && c != 'y' && c != 'Y' && c != 'r' && c != 'c' && c != 'n') return false;
  const std::string_view words = text.substr(0, at + 1);
  for (const std::string_view word : {" is", " was", "by", "BY", "earer", "asic", "oken"}) {
    if (words.ends_with(word)) return true;
  }
  return false;
}

struct Walk {
  Memo memo;
  Reader reader;
  const EntitySet& wanted;
  Hit best;

  Walk(std::string_view text, bool end, const EntitySet& set)
      : reader{text, end, false, &memo}, wanted(set) {}

  // False: undecided.
  bool ask(std::size_t at, unsigned starts) {
    best = {};
    bool decided = true;
    for (const Row& row : rows()) {
      if ((row.starts & starts) == 0 || (row.makes & wanted).none()) continue;
      reader.starved = false;
      const Hit hit = row.find(reader, at);
      if (reader.starved) {
        decided = false;
      } else if (hit.end > best.end && wanted.test(static_cast<std::size_t>(hit.entity))) {
        best = hit;
      }
    }
    return decided;
  }
};

// Behind the run of bytes with one of `classes` that begins at i; their classes together in `seen`.
std::size_t run_end(std::string_view text, std::size_t i, unsigned classes, unsigned& seen) {
  for (; i < text.size() && (class_at(text, i) & classes) != 0; ++i) seen |= class_at(text, i);
  return i;
}

// A word of letters alone that nothing makes more than a word.
bool ordinary(std::string_view text, std::size_t begin, std::size_t end, bool whole) {
  constexpr std::size_t kLongest = 16;
  if (end - begin >= kLongest) return false;
  if (end == text.size()) return whole;
  if (end - begin == 2 && is_upper(text[begin]) && is_upper(text[begin + 1]) && text[end] == ' ')
    return end + 1 < text.size() ? !is_digit(text[end + 1]) : whole;  // AA 12 34 56 B
  const unsigned char behind = class_at(text, end);
  if ((behind & kHigh) != 0) return false;
  if ((behind & kJoint) == 0) return true;
  if (text[end] == '@' || end + 1 == text.size()) return false;
  return is_space(static_cast<unsigned char>(text[end + 1]));
}

// Whether at least five letters and digits stand at `begin`, a digit among them, in a word or in groups: all
// that numbers with a meaning need. True too often rather than too rarely.
bool code_like(Reader& reader, std::size_t begin, std::size_t end, bool digit) {
  constexpr std::size_t kLeast = 5;
  if (digit && end - begin >= kLeast) return true;
  if (end + 1 >= reader.text.size()) return end == reader.text.size() ? !reader.end : true;
  const char c = reader.text[end];
  const auto next = static_cast<unsigned char>(reader.text[end + 1]);
  if (c == '-' || c == '/' || c == '.') return is_alnum(next);
  return c == ' ' ? is_digit(next) : static_cast<unsigned char>(c) >= 0x80;
}

constexpr std::size_t kLongWord = 26;

// The kinds of token that the word [begin, end) with the classes `seen` may be. 0: an ordinary word.
unsigned word_starts(Reader& reader, std::size_t begin, std::size_t end, unsigned seen) {
  const bool named = introduced(reader.text, begin), digit = (seen & kDigit) != 0;
  if (!digit && !named && ordinary(reader.text, begin, end, reader.end)) return 0;
  const bool first = (class_at(reader.text, begin) & kDigit) != 0;
  if (in_row(reader, begin)) return 0;
  unsigned starts = (first ? kDigits : kLetters) | (named ? kLabelled : 0u);
  if (code_like(reader, begin, end, digit)) starts |= kCode;
  if (end - begin >= kLongWord || end == reader.text.size()) starts |= kLong;
  return starts;
}

}  // namespace

PiiFinder::PiiFinder(const EntitySet& wanted) : wanted_(wanted) {}

Found PiiFinder::next(const Window& window) const {
  const std::string_view text = window.text;
  Walk walk(text, window.end, wanted_);
  for (std::size_t i = window.from; i < text.size();) {
    const unsigned char kind = class_at(text, i);
    if (kind == 0) {
      ++i;
      continue;
    }
    std::size_t behind = i + 1;
    unsigned starts = 0, seen = 0;
    if ((kind & kWord) != 0) {
      behind = run_end(text, i, kWord, seen);
      if (!word_before(text, i)) {
        walk.reader.starved = false;
        starts = word_starts(walk.reader, i, behind, seen);
        if (walk.reader.starved) return {std::nullopt, i};
      }
    } else if ((kind & kHigh) != 0) {
      behind = run_end(text, i, kHigh, seen);
      if (!word_before(text, i)) starts = kForeign | (introduced(text, i) ? kLabelled : 0u);
    } else {
      if ((kind & kOpener) != 0) starts |= kPunct;
      if ((kind & (kSymbol | kOpener)) != 0 && introduced(text, i)) starts |= kSigns;
    }
    if (starts != 0) {
      if (!walk.ask(i, starts)) return {std::nullopt, i};
      if (walk.best.end != 0)
        return {Match{i, walk.best.end, static_cast<std::uint16_t>(walk.best.entity)}, i};
    }
    i = behind;
  }
  return {std::nullopt, text.size()};
}

}  // namespace kt::text
