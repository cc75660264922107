// Telephone numbers. International ones by country code and length (ITU-T E.164), North American ones by
// their shape, national ones by a trunk zero and groups; whatever else only where words around speak of
// telephones.
#include <algorithm>

#include "text/check_digits.hpp"
#include "text/context.hpp"
#include "text/digit_groups.hpp"
#include "text/recogniser.hpp"

namespace kt::text {
namespace {

const Words kPhones(
    "phone*|telephone|tel|mobile*|cell*|fax|call*|dial*|whatsapp|sms|text me|text us|texting|"
    "contact*|hotline|ring|reach*|answer*|message*|telefon*|teléfono|téléphone|telefono|"
    "telefoon|telemóvel|celular|móvil|handy|mobil*|portable|电话|手机|電話|携帯|전화|휴대폰|телефон|тел|"
    "هاتف|फोन");

struct Country {
  std::uint16_t code;
  std::uint8_t least, most;  // digits behind the code
};

// E.164 codes of one and two digits with the lengths of their national numbers (ITU national numbering
// plans); below, those of three digits whose length is narrower than the rest's.
constexpr Country kCountries[] = {
    {1, 10, 10},  {7, 10, 10}, {20, 8, 10},  {27, 9, 9},   {30, 10, 10}, {31, 9, 9},   {32, 8, 9},
    {33, 9, 9},   {34, 9, 9},  {36, 8, 9},   {39, 6, 11},  {40, 9, 9},   {41, 9, 9},   {43, 7, 13},
    {44, 9, 10},  {45, 8, 8},  {46, 7, 9},   {47, 8, 8},   {48, 9, 9},   {49, 7, 12},  {51, 8, 9},
    {52, 10, 11}, {53, 8, 8},  {54, 10, 11}, {55, 10, 11}, {56, 9, 9},   {57, 10, 10}, {58, 10, 10},
    {60, 8, 10},  {61, 9, 9},  {62, 8, 12},  {63, 8, 10},  {64, 8, 10},  {65, 8, 8},   {66, 8, 9},
    {81, 9, 10},  {82, 8, 10}, {84, 9, 10},  {86, 10, 11}, {90, 10, 10}, {91, 10, 10}, {92, 9, 10},
    {93, 9, 9},   {94, 9, 9},  {95, 7, 10},  {98, 10, 10}, {351, 9, 9},  {352, 6, 9},  {353, 7, 9},
    {354, 7, 9},  {356, 8, 8}, {357, 8, 8},  {358, 6, 11}, {359, 8, 9},  {370, 8, 8},  {371, 8, 8},
    {372, 7, 8},  {380, 9, 9}, {381, 8, 9},  {385, 8, 9},  {386, 8, 8},  {420, 9, 9},  {421, 9, 9},
    {852, 8, 8},  {853, 8, 8}, {886, 8, 9},  {966, 8, 9},  {971, 8, 9},  {972, 8, 9},  {974, 8, 8}};

// The hundreds and tens of the three-digit codes that are in use.
bool three_digit_zone(int tens) {
  constexpr int kZones[] = {21, 22, 23, 24, 25, 26, 29, 35, 37, 38, 42, 50,
                            59, 67, 68, 69, 80, 85, 87, 88, 96, 97, 99};
  return std::binary_search(std::begin(kZones), std::end(kZones), tens);
}

bool international(std::string_view digits) {
  for (std::size_t size = 1; size <= 3 && size < digits.size(); ++size) {
    const int code = number(digits.substr(0, size));
    const std::size_t rest = digits.size() - size;
    for (const Country& each : kCountries) {
      if (each.code == code)
        return rest >= each.least && rest <= each.most + (digits[size] == '0' ? 1u : 0u) &&
               (code != 1 || digits[1] >= '2');
    }
    if (size == 3 && three_digit_zone(code / 10)) return rest >= 6 && rest <= 11;
  }
  return false;
}

// North America: area and exchange begin with 2 to 9.
bool north_american(std::string_view ten) {
  return ten[0] >= '2' && ten[3] >= '2' && ten.substr(1, 2) != "11";
}

// 3-3-4 with or without a leading 1.
bool north_american_groups(const DigitGroups& in, unsigned groups) {
  const unsigned first = groups == 4 ? 1 : 0;
  if (groups < 3 || groups > 4 || (first == 1 && (in.groups[0].size != 1 || in.digits[0] != '1')))
    return false;
  return in.groups[first].size == 3 && in.groups[first + 1].size == 3 && in.groups[first + 2].size == 4 &&
         north_american(in.first(first + 10).substr(first));
}

// 1999-12-31, 31.12.1999, 12/31/99, 2019-2024: a date or years.
bool looks_like_date(const DigitGroups& in) {
  const auto value = [&in](unsigned i) {
    const auto& group = in.groups[i];
    return number(in.first(group.total).substr(group.total - group.size));
  };
  const auto year = [&](unsigned i) { return in.groups[i].size == 4 && value(i) >= 1800 && value(i) < 2200; };
  if (in.count >= 2 && year(0) && year(1)) return true;
  if (in.count < 3 || in.groups[0].separator != in.groups[1].separator) return false;
  if (year(0) && in.groups[1].size <= 2 && in.groups[2].size <= 2) return value(1) <= 12 && value(2) <= 31;
  return in.groups[0].size <= 2 && in.groups[1].size <= 2 && (year(2) || in.groups[2].size == 2) &&
         value(0) <= 31 && value(1) <= 31 && (in.count == 3 || in.groups[2].separator == ' ');
}

// A national number with its trunk zero, in two groups or more.
bool national(const DigitGroups& in, unsigned groups) {
  const unsigned total = in.groups[groups - 1].total;
  if (groups < 2 || total < 9 || total > 11 || in.digits[0] != '0' || in.digits[1] == '0') return false;
  for (unsigned i = 0; i < groups; ++i) {
    if (in.groups[i].size < 2) return false;
  }
  return true;
}

bool speaks_of_phones(const Reader& reader, std::size_t at) { return near(reader, at, 48, kPhones); }

bool by_context(const DigitGroups& in, unsigned groups) {
  const unsigned total = in.groups[groups - 1].total;
  if (total < 7 || total > 13) return false;
  if (groups == 1) return total >= 9 || total == 7;
  if (groups == 2 && in.groups[0].separator == '.') return false;  // a decimal number
  for (unsigned i = 0; i < groups; ++i) {
    if (in.groups[i].size < 2 && !(i == 0 && in.digits[0] == '1')) return false;
  }
  return groups <= 6;
}

}  // namespace

Hit find_phone(Reader& reader, std::size_t at) {
  const int first = reader.at(at);
  const bool plus = first == '+', bracket = first == '(';
  if (!plus && number_before(reader.text, at)) return {};
  std::size_t begin = at + (plus || bracket ? 1 : 0);
  bool inside = bracket;
  if (plus && reader.at(begin) == '(') {
    ++begin;
    inside = true;
  } else if (bracket && reader.at(begin) == '+') {
    ++begin;
  }
  if (!is_digit(reader.at(begin))) return {};
  const bool with_code = plus || reader.text[begin - (begin > at ? 1 : 0)] == '+';
  const DigitGroups in = read_bracketed_groups(reader, begin, 16);
  if (in.total() < 7) return {};
  if (inside && in.groups[0].separator != ')') return {};
  const bool zeros = !with_code && in.digits[0] == '0' && in.digits[1] == '0';
  for (unsigned groups = in.overlong ? in.count - 1 : in.count; groups > 0; --groups) {
    const DigitGroups::Group& last = in.groups[groups - 1];
    if (last.total < 7 || last.total > 15) continue;
    if (groups < in.count && last.separator != ' ' && last.separator != '/') continue;
    if (groups == in.count && number_goes_on(reader, last.end)) continue;
    const std::string_view digits = in.first(last.total);
    // The rest of a longer number in groups is nobody's telephone.
    const bool rest =
        at > 1 && reader.text[at - 1] == ' ' && is_digit(static_cast<unsigned char>(reader.text[at - 2]));
    const bool sure =
        with_code ? international(digits)
        : rest    ? false
        : zeros   ? groups > 1 && international(digits.substr(2))
                  : !looks_like_date(in) && (north_american_groups(in, groups) || national(in, groups));
    if (sure ||
        (!with_code && !looks_like_date(in) && by_context(in, groups) && speaks_of_phones(reader, at)))
      return {last.end, Entity::phone};
  }
  return {};
}

}  // namespace kt::text
