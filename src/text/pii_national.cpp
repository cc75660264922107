// National identity numbers: of digits (national_numbers.cpp), with letters, and whatever a label calls one.
#include <algorithm>
#include <array>

#include "text/check_digits.hpp"
#include "text/context.hpp"
#include "text/national_numbers.hpp"
#include "text/recogniser.hpp"

namespace kt::text {
namespace {

const Words kIdentity(
    "national id|national identity|national identification|identity number|id card|"
    "identity card|national_id|nationalid|identification number|personal id|citizen id|"
    "documento de identidad|dni|cédula|cedula|carte d'identité|carta d'identità|身份证|身份证号|身份證|"
    "주민등록증");

// Letters and digits without separators; `size` of them, or fewer.
struct Word {
  std::array<char, 20> text{};
  std::size_t size = 0, end = 0;
  bool lowered = false;
  [[nodiscard]] std::string_view view() const { return {text.data(), size}; }
};

// Upper-cased; separators of `skip` between characters are left out.
Word word_of(Reader& reader, std::size_t at, std::string_view skip) {
  Word out;
  std::size_t i = at;
  while (out.size < out.text.size()) {
    int c = reader.at(i);
    if (out.size > 0 && !is_alnum(c) && c > 0 && c < 0x80 && skip.find(static_cast<char>(c)) != skip.npos)
      c = reader.at(++i);
    if (!is_alnum(c)) break;
    out.lowered |= is_lower(c);
    out.text[out.size++] = static_cast<char>(is_lower(c) ? c - 32 : c);
    out.end = ++i;
  }
  return out;
}

// A: letter, 9: digit, other: itself; the whole of `text`.
bool matches(std::string_view text, std::string_view form) {
  if (text.size() != form.size()) return false;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const int c = static_cast<unsigned char>(text[i]);
    if (form[i] == 'A' ? !is_upper(c) : form[i] == '9' ? !is_digit(c) : form[i] != '*' && c != form[i])
      return false;
  }
  return true;
}

bool spain(std::string_view t) {
  constexpr std::string_view kLetters = "TRWAGMYFPDXBNJZSQVHLCKE";
  if (matches(t, "99999999A")) return kLetters[static_cast<std::size_t>(number(t.substr(0, 8)) % 23)] == t[8];
  if (!matches(t, "A9999999A") || t[0] < 'X' || t[0] > 'Z') return false;
  return kLetters[static_cast<std::size_t>(((t[0] - 'X') * 10'000'000 + number(t.substr(1, 7))) % 23)] ==
         t[8];
}

bool italy(std::string_view t) {
  if (!matches(t, "AAAAAA**A**A***A")) return false;
  for (const std::size_t i : {6u, 7u, 9u, 10u, 12u, 13u, 14u}) {
    if (!is_digit(t[i]) && std::string_view("LMNPQRSTUV").find(t[i]) == std::string_view::npos) return false;
  }
  constexpr int kOdd[] = {1,  0,  5, 7, 9, 13, 15, 17, 19, 21, 2,  4,  18,
                          20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23};
  int total = 0;
  for (std::size_t i = 0; i < 15; ++i) {
    const int value = is_digit(t[i]) ? t[i] - '0' : t[i] - 'A';
    total += i % 2 == 0 ? kOdd[value] : value;
  }
  return 'A' + total % 26 == t[15];
}

bool britain(std::string_view t) {
  if (!matches(t, "AA999999A") || t[8] > 'D') return false;
  constexpr std::string_view kNever = "DFIQUV";
  const std::string_view prefix = t.substr(0, 2);
  return kNever.find(t[0]) == kNever.npos && kNever.find(t[1]) == kNever.npos && t[1] != 'O' &&
         prefix != "BG" && prefix != "GB" && prefix != "KN" && prefix != "NK" && prefix != "NT" &&
         prefix != "TN" && prefix != "ZZ";
}

bool india_tax(std::string_view t) {
  return matches(t, "AAAAA9999A") && std::string_view("ABCFGHJLPTKN").find(t[3]) != std::string_view::npos;
}

bool singapore(std::string_view t) {
  if (!matches(t, "A9999999A")) return false;
  constexpr int kWeights[] = {2, 7, 6, 5, 4, 3, 2};
  int total = weighted(t.substr(1, 7), kWeights);
  if (t[0] == 'T' || t[0] == 'G') total += 4;
  if (t[0] == 'M') total += 3;
  const auto rest = static_cast<std::size_t>(total % 11);
  if (t[0] == 'S' || t[0] == 'T') return std::string_view("JZIHGFEDCBA")[rest] == t[8];
  if (t[0] == 'F' || t[0] == 'G') return std::string_view("XWUTRQPNMLK")[rest] == t[8];
  return t[0] == 'M' && std::string_view("XWUTRQPNJLK")[10 - rest] == t[8];
}

// DDMMYY, the century, three digits and a check character.
bool finland(std::string_view t) {
  constexpr std::string_view kCheck = "0123456789ABCDEFHJKLMNPRSTUVWXY";
  if (t.size() != 10 || t.substr(0, 9).find_first_not_of("0123456789") != t.npos) return false;
  return day_exists(0, number(t.substr(2, 2)), number(t.substr(0, 2))) &&
         kCheck[static_cast<std::size_t>(number(t.substr(0, 9)) % 31)] == t[9];
}

bool china(std::string_view t) {
  if (t.size() != 18 || t.substr(0, 17).find_first_not_of("0123456789") != t.npos) return false;
  constexpr int kWeights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  return (t.substr(6, 2) == "19" || t.substr(6, 2) == "20") &&
         day_exists(0, number(t.substr(10, 2)), number(t.substr(12, 2))) &&
         std::string_view(
             "10X98765432")[static_cast<std::size_t>(weighted(t.substr(0, 17), kWeights) % 11)] == t[17];
}

bool taiwan(std::string_view t) {
  if (!matches(t, "A999999999") || (t[1] != '1' && t[1] != '2')) return false;
  constexpr std::string_view kOrder = "ABCDEFGHJKLMNPQRSTUVXYWZIO";
  constexpr int kWeights[] = {8, 7, 6, 5, 4, 3, 2, 1, 1};
  const int code = static_cast<int>(kOrder.find(t[0])) + 10;
  return (code / 10 + code % 10 * 9 + weighted(t.substr(1), kWeights)) % 10 == 0;
}

bool mexico(std::string_view t) {
  return matches(t, "AAAA999999AAAAAA*9") && (t[10] == 'H' || t[10] == 'M') &&
         day_exists(0, number(t.substr(6, 2)), number(t.substr(8, 2)));
}

bool ireland(std::string_view t) {
  if (!matches(t.substr(0, std::min<std::size_t>(t.size(), 8)), "9999999A") || t.size() > 9) return false;
  constexpr int kWeights[] = {8, 7, 6, 5, 4, 3, 2};
  int total = weighted(t.substr(0, 7), kWeights);
  if (t.size() == 9) total += 9 * (t[8] - 'A' + 1);
  return std::string_view("WABCDEFGHIJKLMNOPQRSTUV")[static_cast<std::size_t>(total % 23)] == t[7];
}

bool germany_card(std::string_view t) {
  return t.size() >= 9 && t.size() <= 10 && is_upper(t[0]) &&
         std::count_if(t.begin(), t.end(), is_digit) >= 4;
}

bool germany_pension(std::string_view t) { return matches(t, "99999999A999"); }
bool germany_health(std::string_view t) {
  if (!matches(t, "A999999999")) return false;
  int total = 0;
  const int letter = t[0] - 'A' + 1;
  const int values[] = {letter / 10, letter % 10, t[1] - '0', t[2] - '0', t[3] - '0',
                        t[4] - '0',  t[5] - '0',  t[6] - '0', t[7] - '0', t[8] - '0'};
  for (int i = 0; i < 10; ++i) {
    const int value = values[i] * (i % 2 + 1);
    total += value > 9 ? value - 9 : value;
  }
  return total % 10 == t[9] - '0';
}

struct Row {
  bool (*valid)(std::string_view);
  bool alone;    // needs no word before it
  bool spelled;  // in capitals, perhaps in groups: AA 12 34 56 B
  Words words;
};

const Row kRows[] = {
    {italy, true, false, ""},
    {china, true, false, ""},
    {britain, true, true, ""},
    {india_tax, true, true, ""},
    {singapore, true, false, ""},
    {mexico, true, true, ""},
    {taiwan, true, false, ""},
    {spain, true, false, ""},
    {ireland, false, false, "pps|ppsn|personal public service"},
    {germany_card, false, false, "personalausweis*|ausweis*|id card|identity card"},
    {germany_pension, false, false,
     "rentenversicherung*|sozialversicherung*|versicherungsnummer|rvnr|svnr|sv-nummer"},
    {germany_health, false, false,
     "krankenversicherung*|krankenversichert*|kvnr|versichertennummer|krankenkasse|egk"},
};

// Whatever a label calls an identity number: at least six digits.
Hit labelled_id(Reader& reader, std::size_t at) {
  if (!labelled(reader, at, kIdentity)) return {};
  const Word word = word_of(reader, at, "-. ");
  const auto digits =
      std::count_if(word.text.begin(), word.text.begin() + static_cast<std::ptrdiff_t>(word.size), is_digit);
  if (digits < 6 || word_at(reader, word.end)) return {};
  return {word.end, Entity::national_id};
}

// One or two letters, then a digit, perhaps behind a separator.
bool grouped(Reader& reader, std::size_t at) {
  std::size_t i = at + 1;
  if (is_alpha(reader.at(i))) ++i;
  if (reader.at(i) == ' ' || reader.at(i) == '-') ++i;
  return is_digit(reader.at(i));
}

Hit lettered(Reader& reader, std::size_t at) {
  const bool digits = is_digit(reader.at(at));
  for (const std::string_view skip : {std::string_view(), std::string_view(digits ? "-" : " -")}) {
    if (!skip.empty() && !digits && !grouped(reader, at)) break;
    const Word word = word_of(reader, at, skip);
    if (word.size < 8 || word_at(reader, word.end)) continue;
    for (const Row& row : kRows) {
      if (!row.valid(word.view()) || (word.lowered && (row.spelled || !skip.empty()))) continue;
      if (row.alone || near(reader, at, 64, row.words)) return {word.end, Entity::national_id};
    }
  }
  return {};
}

Hit finnish(Reader& reader, std::size_t at) {
  std::array<char, 10> text;
  for (std::size_t i = 0; i < 11; ++i) {
    const int c = reader.at(at + i);
    if (i < 6 || (i > 6 && i < 10)) {
      if (!is_digit(c)) return {};
    } else if (i == 6 &&
               std::string_view("+-UVWXYABCDEF").find(static_cast<char>(c)) == std::string_view::npos) {
      return {};
    }
    if (i != 6) text[i < 6 ? i : i - 1] = static_cast<char>(is_lower(c) ? c - 32 : c);
  }
  return finland({text.data(), text.size()}) && !word_at(reader, at + 11) ? Hit{at + 11, Entity::national_id}
                                                                          : Hit{};
}

}  // namespace

Hit find_national_id(Reader& reader, std::size_t at) {
  if (number_before(reader.text, at)) return {};
  if (is_digit(reader.at(at))) {
    constexpr unsigned kMostGroups = 7;
    const DigitGroups in = read_groups(reader, at, 9, 18, " -./");
    for (unsigned groups = in.overlong ? 0 : in.count; groups > 0; --groups) {
      const DigitGroups::Group& last = in.groups[groups - 1];
      if (last.total < 9) break;
      if (groups > kMostGroups) continue;
      if (groups == in.count ? number_goes_on(reader, last.end) : last.separator != ' ') continue;
      if (national_number(in, groups, reader, at)) return {last.end, Entity::national_id};
    }
    if (const Hit hit = finnish(reader, at); hit.end != 0 || reader.starved) return hit;
  }
  if (const Hit hit = lettered(reader, at); hit.end != 0 || reader.starved) return hit;
  return labelled_id(reader, at);
}

}  // namespace kt::text
