#include "text/national_numbers.hpp"

#include <algorithm>

#include "text/check_digits.hpp"
#include "text/context.hpp"

namespace kt::text {
namespace {

using Digits = std::string_view;

int digit(Digits d, std::size_t i) { return d[i] - '0'; }

bool date6(Digits yymmdd) {
  return day_exists(number(yymmdd.substr(0, 2)), number(yymmdd.substr(2, 2)), number(yymmdd.substr(4, 2)));
}

template <std::size_t N>
int sum(Digits d, const int (&weights)[N]) {
  return weighted(d, weights);
}

bool australia_tax(Digits d) { return sum(d, {1, 4, 3, 7, 5, 8, 6, 9, 10}) % 11 == 0; }
bool australia_medicare(Digits d) {
  return d[0] >= '2' && d[0] <= '6' && sum(d, {1, 3, 7, 9, 1, 3, 7, 9}) % 10 == digit(d, 8);
}
bool canada(Digits d) { return d[0] != '0' && d[0] != '8' && luhn(d); }
bool britain_health(Digits d) {
  const int check = 11 - sum(d, {10, 9, 8, 7, 6, 5, 4, 3, 2}) % 11;
  return check != 10 && check % 11 == digit(d, 9);
}
bool india(Digits d) { return d[0] >= '2' && verhoeff(d); }
bool poland(Digits d) {
  const int month = number(d.substr(2, 2)) % 20;
  return day_exists(0, month, number(d.substr(4, 2))) &&
         (10 - sum(d, {1, 3, 7, 9, 1, 3, 7, 9, 1, 3}) % 10) % 10 == digit(d, 10);
}
bool sweden(Digits d) {
  const Digits ten = d.substr(d.size() - 10);
  const int day = number(ten.substr(4, 2));
  return day_exists(number(ten.substr(0, 2)), number(ten.substr(2, 2)), day > 60 ? day - 60 : day) &&
         luhn(ten) && (d.size() == 10 || d.starts_with("19") || d.starts_with("20"));
}
bool korea(Digits d) { return date6(d) && d[6] >= '1' && d[6] <= '8'; }
bool korea_checked(Digits d) {
  const int rest = sum(d, {2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5}) % 11;
  return korea(d) && ((11 - rest) % 10 == digit(d, 12) || (13 - rest) % 10 == digit(d, 12));
}
bool thailand(Digits d) {
  return d[0] != '0' && (11 - sum(d, {13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2}) % 11) % 10 == digit(d, 12);
}
bool turkey(Digits d) {
  const int odd = digit(d, 0) + digit(d, 2) + digit(d, 4) + digit(d, 6) + digit(d, 8);
  const int even = digit(d, 1) + digit(d, 3) + digit(d, 5) + digit(d, 7);
  return d[0] != '0' && ((odd * 7 - even) % 10 + 10) % 10 == digit(d, 9) &&
         (odd + even + digit(d, 9)) % 10 == digit(d, 10);
}
bool south_africa(Digits d) { return date6(d) && d[10] <= '2' && luhn(d); }
bool germany_tax(Digits d) { return d[0] != '0' && iso7064_mod11_10(d.substr(0, 10)) == digit(d, 10); }
bool croatia(Digits d) { return iso7064_mod11_10(d.substr(0, 10)) == digit(d, 10); }
bool israel(Digits d) { return luhn(d); }
bool brazil(Digits d) {
  if (d.find_first_not_of(d[0]) == d.npos) return false;
  const int a = sum(d, {10, 9, 8, 7, 6, 5, 4, 3, 2}) * 10 % 11 % 10;
  const int b = sum(d, {11, 10, 9, 8, 7, 6, 5, 4, 3, 2}) * 10 % 11 % 10;
  return a == digit(d, 9) && b == digit(d, 10);
}
bool france(Digits d) {
  if (d[0] != '1' && d[0] != '2') return false;
  const int month = number(d.substr(3, 2));
  if (month < 1 || (month > 12 && month < 20) || month > 42) return false;
  long long value = 0;
  for (const char c : d.substr(0, 13)) value = value * 10 + (c - '0');
  return 97 - static_cast<int>(value % 97) == number(d.substr(13, 2));
}
bool belgium(Digits d) {
  const int base = number(d.substr(0, 9)), check = number(d.substr(9, 2));
  const int later = static_cast<int>((2'000'000'000LL + base) % 97);
  return number(d.substr(2, 2)) <= 12 && number(d.substr(4, 2)) <= 31 &&
         (97 - base % 97 == check || 97 - later == check);
}
bool netherlands(Digits d) { return sum(d, {9, 8, 7, 6, 5, 4, 3, 2, -1}) % 11 == 0 && number(d) > 0; }
bool norway(Digits d) {
  const int day = number(d.substr(0, 2)) % 40, month = number(d.substr(2, 2)) % 40;
  return day_exists(0, month, day) && sum(d, {3, 7, 6, 1, 8, 9, 4, 5, 2, 1}) % 11 == 0 &&
         sum(d, {5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1}) % 11 == 0;
}
bool denmark(Digits d) { return day_exists(0, number(d.substr(2, 2)), number(d.substr(0, 2))); }
bool switzerland(Digits d) {
  return d.starts_with("756") && sum(d, {1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1}) % 10 == 0;
}
bool austria(Digits d) {
  return d[0] != '0' && (sum(d, {3, 7, 9, 0, 5, 8, 4, 2, 1, 6}) % 11) == digit(d, 3) &&
         number(d.substr(6, 2)) <= 15;
}
bool czechia(Digits d) {
  const int month = number(d.substr(2, 2)) % 50 % 20;
  long long value = 0;
  for (const char c : d) value = value * 10 + (c - '0');
  return month >= 1 && month <= 12 && number(d.substr(4, 2)) <= 31 && value % 11 == 0;
}
bool romania(Digits d) {
  const int check = sum(d, {2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9}) % 11;
  return d[0] != '0' && date6(d.substr(1, 6)) && (check == 10 ? 1 : check) == digit(d, 12);
}
bool bulgaria(Digits d) {
  return number(d.substr(2, 2)) % 20 <= 12 && sum(d, {2, 4, 8, 5, 10, 9, 7, 3, 6}) % 11 % 10 == digit(d, 9);
}
bool japan(Digits d) {
  const int rest = sum(d, {6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2}) % 11;
  return (rest <= 1 ? 0 : 11 - rest) == digit(d, 11);
}
bool portugal(Digits d) {
  const int rest = sum(d, {9, 8, 7, 6, 5, 4, 3, 2}) % 11;
  return (rest <= 1 ? 0 : 11 - rest) == digit(d, 8);
}
bool baltic(Digits d) {
  int check = sum(d, {1, 2, 3, 4, 5, 6, 7, 8, 9, 1}) % 11;
  if (check == 10) check = sum(d, {3, 4, 5, 6, 7, 8, 9, 1, 2, 3}) % 11 % 10;
  return d[0] >= '1' && d[0] <= '6' && date6(d.substr(1, 6)) && check == digit(d, 10);
}
bool russia_pension(Digits d) {
  return sum(d, {9, 8, 7, 6, 5, 4, 3, 2, 1}) % 101 % 100 == number(d.substr(9, 2)) &&
         number(d.substr(0, 9)) > 1'001'998;
}
bool malaysia(Digits d) { return date6(d); }
bool any(Digits) { return true; }

// Group sizes, one digit each, and the separators between, that make a number tell by itself.
struct Shape {
  std::string_view sizes, separators;
};

struct Row {
  std::uint8_t total;
  bool (*valid)(Digits);
  Shape alone;  // empty sizes: never alone; "*": always
  Words words;
};

const Row kRows[] = {
    {12, india, {"444", "  "}, "aadhaar|aadhar|uidai|adhaar|आधार"},
    {11, brazil, {"3332", "..-"}, "cpf"},
    {13, korea, {"67", "-"}, ""},
    {13, korea_checked, {}, "rrn|resident registration|주민등록번호|주민번호|frn|외국인등록번호"},
    {10, sweden, {"64", "-"}, "personnummer|swedish id*|samordningsnummer|personal identity number"},
    {12, sweden, {"84", "-"}, "personnummer|swedish id*|samordningsnummer|personal identity number"},
    {13, south_africa, {"*", ""}, ""},
    {15, france, {"*", ""}, ""},
    {11, turkey, {"*", ""}, ""},
    {13, switzerland, {"*", ""}, ""},
    {13, switzerland, {"3442", "..."}, ""},
    {15, france, {"1222332", "      "}, ""},
    {11, belgium, {"22232", "..-."}, "rijksregister*|registre national|national register|nationaal nummer"},
    {10, czechia, {"64", "/"}, "rodné číslo|rodne cislo|rodné"},
    {11, russia_pension, {"3332", "-- "}, "снилс|snils"},
    {13,
     thailand,
     {"14521", "----"},
     "thai*|tnin|national id|citizen id|เลขประจำตัวประชาชน|เลขบัตรประชาชน|บัตรประชาชน"},
    {9, canada, {}, "sin|social insurance|nas|assurance sociale|canad*"},
    {9, australia_tax, {}, "tfn|tax file"},
    {10, australia_medicare, {}, "medicare"},
    {11, australia_medicare, {}, "medicare"},
    {10, britain_health, {}, "nhs|national health|health service"},
    {11, poland, {}, "pesel"},
    {11,
     germany_tax,
     {},
     "steuer-id|steuerid|steueridentifikationsnummer|steuer id|steuerliche identifikation*|tax id|idnr|tin"},
    {11, croatia, {}, "oib"},
    {9, israel, {}, "teudat zehut|teudat|israeli id|תעודת זהות|ת.ז"},
    {11, belgium, {}, "rijksregister*|registre national|national register|nationaal nummer|belgi*"},
    {9, netherlands, {}, "bsn|burgerservicenummer|sofinummer"},
    {11, norway, {}, "fødselsnummer|fodselsnummer|personnummer|norwegian"},
    {10, denmark, {}, "cpr|cpr-nummer|cpr-nr|danish"},
    {10, austria, {}, "svnr|sozialversicherung*|sv-nummer|versicherungsnummer"},
    {13, romania, {}, "cnp|cod numeric personal"},
    {10, bulgaria, {}, "egn|егн"},
    {12, japan, {}, "my number|マイナンバー|個人番号"},
    {9, portugal, {}, "nif|contribuinte|número fiscal"},
    {11, baltic, {}, "isikukood|asmens kodas|personal code|personal identification code"},
    {12, malaysia, {}, "mykad|nric|ic number|ic no|kad pengenalan"},
    {11, any, {}, "nin|nimc|national identification number|national identity number"},
    {16, any, {}, "nik|ktp|nomor induk"},
};

bool has_shape(const DigitGroups& in, unsigned groups, const Shape& shape) {
  if (shape.sizes == "*") return groups == 1;
  if (shape.sizes.size() != groups) return false;
  for (unsigned i = 0; i < groups; ++i) {
    if (in.groups[i].size != shape.sizes[i] - '0') return false;
    if (i + 1 < groups && in.groups[i].separator != shape.separators[i]) return false;
  }
  return true;
}

}  // namespace

bool national_number(const DigitGroups& in, unsigned groups, const Reader& reader, std::size_t at) {
  const unsigned total = in.groups[groups - 1].total;
  const Digits digits = in.first(total);
  return std::any_of(std::begin(kRows), std::end(kRows), [&](const Row& row) {
    if (row.total != total || !row.valid(digits)) return false;
    return has_shape(in, groups, row.alone) || near(reader, at, 64, row.words);
  });
}

}  // namespace kt::text
