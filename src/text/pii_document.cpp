// Passports and driving licences: their numbers have no check digits to speak of, so a label decides. British
// licences tell by themselves. Dates of birth by label.
#include <algorithm>

#include "text/check_digits.hpp"
#include "text/context.hpp"
#include "text/digit_groups.hpp"
#include "text/recogniser.hpp"

namespace kt::text {
namespace {

const Words kPassports(
    "passport*|travel document|reisepass*|passeport*|pasaporte*|passaporto*|passaporte*|"
    "paspoort*|护照|旅券|パスポート|여권|паспорт*|pasaport*|جواز");
const Words kDriving(
    "driver license|driver's license|drivers license|driver licence|driver's licence|"
    "drivers licence|driving licence|driving license|driver_license|driverslicense|dl|dl#|dln|"
    "dvla|license number|licence number|license no|licence no|license #|license:|führerschein*|"
    "permis de conduire|licencia de conducir|carnet de conducir|patente|rijbewijs*|驾照|驾驶证|運転免許|"
    "운전면허*");
const Words kBirth(
    "dob|d.o.b|date of birth|birth date|birthdate|birthday|born|born on|born in|bday|"
    "date_of_birth|dateofbirth|birth_date|geboren|geboren am|geburtsdatum|né le|née le|"
    "né(e) le|date de naissance|fecha de nacimiento|nacido el|nacida el|data di nascita|"
    "nato il|nata il|data de nascimento|geboortedatum|urodzony|data urodzenia|出生日期|生年月日|생년월일|"
    "дата рождения|doğum tarihi|تاريخ الميلاد");
const Words kBiography("(born|( born|-lrb- born");

struct Token {
  std::size_t end = 0;
  unsigned digits = 0, letters = 0;
};

// Letters and digits, single hyphens between (and a single space behind a short prefix, as in AB 1234567).
Token token_at(Reader& reader, std::size_t at, std::size_t most) {
  Token out;
  std::size_t i = at;
  for (; i - at <= most; ++i) {
    const int c = reader.at(i);
    if (is_digit(c)) {
      ++out.digits;
    } else if (is_alpha(c)) {
      ++out.letters;
    } else if (c == '-' && i > at && is_alnum(reader.at(i + 1))) {
      continue;
    } else if (c == ' ' && out.digits == 0 && out.letters <= 2 && out.letters > 0 &&
               is_digit(reader.at(i + 1))) {
      continue;
    } else {
      break;
    }
  }
  out.end = i;
  return out;
}

bool speaks_of_passports(const Reader& reader, std::size_t at) { return near(reader, at, 40, kPassports); }

bool speaks_of_driving(const Reader& reader, std::size_t at) { return near(reader, at, 40, kDriving); }

// DVLA: five characters of the name, the birth date with the sex in its month, initials, two digits.
bool british_licence(Reader& reader, std::size_t at) {
  int digits = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    const int c = reader.at(at + i);
    if (!is_alnum(c) || is_lower(c)) return false;
    if (i < 5 && is_digit(c) && c != '9') return false;
    if (i >= 5 && i < 11 && !is_digit(c)) return false;
    digits += is_digit(c) ? 1 : 0;
  }
  const std::string_view date = reader.text.substr(at + 5, 6);
  const int month = number(date.substr(1, 2)) % 50, day = number(date.substr(3, 2));
  return is_upper(reader.at(at)) && digits < 14 && day_exists(0, month, day) && !word_at(reader, at + 16);
}

bool speaks_of_birth(const Reader& reader, std::size_t at) { return labelled(reader, at, kBirth); }

// A year between 1900 and 2099, or two digits.
bool year_like(std::string_view digits) {
  if (digits.size() == 2) return true;
  return digits.size() == 4 && (digits.starts_with("19") || digits.starts_with("20"));
}

// 1974-12-19, 19.12.1974, 12/19/74.
std::size_t numeric_date(Reader& reader, std::size_t at) {
  const DigitGroups in = read_groups(reader, at, 4, 8, "-./ ");
  if (in.overlong || in.count < 3) return 0;
  const auto part = [&in](unsigned i) {
    return in.first(in.groups[i].total).substr(in.groups[i].total - in.groups[i].size);
  };
  const std::string_view a = part(0), b = part(1), c = part(2);
  if (in.groups[0].separator != in.groups[1].separator || b.size() > 2) return 0;
  const std::size_t end = in.groups[2].end;
  if (a.size() == 4 && c.size() <= 2) return year_like(a) && day_exists(0, number(b), number(c)) ? end : 0;
  if (a.size() > 2 || !year_like(c)) return 0;
  return day_exists(0, number(b), number(a)) || day_exists(0, number(a), number(b)) ? end : 0;
}

bool month_name(std::string_view word) {
  constexpr std::string_view kMonths[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul",  "aug",  "sep",
                                          "oct", "nov", "dec", "mai", "okt", "dez", "ene",  "abr",  "ago",
                                          "dic", "mär", "fév", "avr", "aoû", "déc", "juin", "juil", "gen",
                                          "mag", "giu", "lug", "set", "ott", "fev", "out"};
  return std::any_of(std::begin(kMonths), std::end(kMonths), [word](std::string_view month) {
    if (word.size() < month.size()) return false;
    for (std::size_t i = 0; i < month.size(); ++i) {
      if (lower(static_cast<unsigned char>(word[i])) != static_cast<unsigned char>(month[i])) return false;
    }
    return true;
  });
}

// 19 December 1974, December 19th, 1974.
std::size_t worded_date(Reader& reader, std::size_t at) {
  std::size_t i = at, end = 0;
  bool month = false, day = false;
  for (int parts = 0; parts < 5 && i - at < 40; ++parts) {
    const std::size_t begin = i;
    if (is_digit(reader.at(i))) {
      while (i - begin < 5 && is_digit(reader.at(i))) ++i;
      const std::string_view digits = reader.text.substr(begin, i - begin);
      if (digits.size() == 4) {
        end = month && year_like(digits) ? i : 0;
        break;
      }
      if (digits.size() > 2 || day) return 0;
      day = true;
      if (is_alpha(reader.at(i)) && is_alpha(reader.at(i + 1)) && !is_alpha(reader.at(i + 2))) i += 2;
    } else {
      while (i - begin < 16 && (is_alpha(reader.at(i)) || reader.at(i) >= 0x80)) ++i;
      const std::string_view word = reader.text.substr(begin, i - begin);
      if (word.empty()) return 0;
      if (month_name(word)) {
        month = true;
      } else if (word != "of" && word != "de") {
        return 0;
      }
    }
    while (reader.at(i) == '.' || reader.at(i) == ',' || reader.at(i) == ' ') {
      if (++i - begin > 24) return 0;
    }
  }
  return day ? end : 0;
}

}  // namespace

Hit find_document(Reader& reader, std::size_t at) {
  if (number_before(reader.text, at)) return {};
  const Token token = token_at(reader, at, 20);
  const unsigned size = token.digits + token.letters;
  if (size < 5 || size > 18 || token.digits < 4 || number_goes_on(reader, token.end)) return {};
  if (size >= 6 && size <= 10 && token.digits >= 5 && token.letters <= 4 && speaks_of_passports(reader, at))
    return {token.end, Entity::passport};
  if (speaks_of_driving(reader, at)) return {token.end, Entity::driver_license};
  return is_upper(reader.at(at)) && british_licence(reader, at) ? Hit{at + 16, Entity::driver_license}
                                                                : Hit{};
}

Hit find_birth_date(Reader& reader, std::size_t at) {
  if (number_before(reader.text, at) || !speaks_of_birth(reader, at)) return {};
  std::size_t end = is_digit(reader.at(at)) ? numeric_date(reader, at) : 0;
  if (end == 0) end = worded_date(reader, at);
  if (end == 0 || word_at(reader, end)) return {};
  if (near(reader, at, 8, kBiography)) return {};  // a biography, in brackets
  return {end, Entity::date_of_birth};
}

}  // namespace kt::text
