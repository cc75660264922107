// Tax and company numbers: EIN, VAT and business numbers by label and check digits, GSTIN and CNPJ by
// themselves.
#include <algorithm>
#include <array>

#include "text/check_digits.hpp"
#include "text/context.hpp"
#include "text/digit_groups.hpp"
#include "text/recogniser.hpp"

namespace kt::text {
namespace {

const Words kVat("vat|ust-id*|ust-idnr|ustid|umsatzsteuer*|tva|btw|iva|mwst|moms|nif");
const Words kGst("gstin|gst");

bool australia_business(std::string_view d) {
  constexpr int kWeights[] = {10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19};
  return (weighted(d, kWeights) - 10) % 89 == 0;
}
bool australia_company(std::string_view d) {
  constexpr int kWeights[] = {8, 7, 6, 5, 4, 3, 2, 1};
  return (10 - weighted(d, kWeights) % 10) % 10 == d[8] - '0';
}
bool korea_business(std::string_view d) {
  constexpr int kWeights[] = {1, 3, 7, 1, 3, 7, 1, 3, 5};
  return (10 - (weighted(d, kWeights) + (d[8] - '0') * 5 / 10) % 10) % 10 == d[9] - '0';
}
bool brazil_company(std::string_view d) {
  constexpr int kFirst[] = {5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2},
                kSecond[] = {6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2};
  const auto check = [](int sum) { return sum % 11 < 2 ? 0 : 11 - sum % 11; };
  return check(weighted(d, kFirst)) == d[12] - '0' && check(weighted(d, kSecond)) == d[13] - '0';
}
bool any(std::string_view) { return true; }

struct Row {
  std::uint8_t total;
  bool (*valid)(std::string_view);
  Words words;             // empty: alone, in the groups of `sizes`
  std::string_view sizes;  // empty: any
};

const Row kRows[] = {
    {9, any, "ein|fein|employer id*|employer identification*|federal tax|federal id|tax id*", "27"},
    {14, brazil_company, "", "23342"},
    {14, brazil_company, "cnpj", ""},
    {11, australia_business, "abn|australian business", ""},
    {9, australia_company, "acn|australian company", ""},
    {10, korea_business, "brn|business registration|사업자등록번호|사업자번호|사업자", ""},
    {10, luhn, "organisationsnummer|orgnr|org nr|org.nr|org.nummer|company identity|företagsnummer", ""},
    {11, luhn, "partita iva|p.iva|piva|vat", ""},
    {9, any, "tin|taxpayer*|tax id*|tax number|bir", "333"},
    {12, any, "tin|taxpayer*|tax id*|tax number|bir", ""},
    {10, any, "inn|инн|nip|steuernummer|utr|unique taxpayer", ""},
};

bool has_sizes(const DigitGroups& in, std::string_view sizes) {
  if (sizes.empty()) return true;
  if (sizes.size() != in.count) return false;
  for (unsigned i = 0; i < in.count; ++i) {
    if (in.groups[i].size != sizes[i] - '0') return false;
  }
  return true;
}

Hit of_digits(Reader& reader, std::size_t at) {
  const DigitGroups in = read_groups(reader, at, 9, 14, " -./");
  if (in.overlong || in.total() == 0 || number_goes_on(reader, in.groups[in.count - 1].end)) return {};
  const std::string_view digits = in.first(in.total());
  const bool found = std::any_of(std::begin(kRows), std::end(kRows), [&](const Row& row) {
    return row.total == digits.size() && has_sizes(in, row.sizes) && row.valid(digits) &&
           (row.words.empty() || near(reader, at, 48, row.words));
  });
  return found ? Hit{in.groups[in.count - 1].end, Entity::tax_id} : Hit{};
}

// 2 digits of the state, a PAN, an entity digit, Z, a check character.
bool gstin(std::string_view t) {
  constexpr std::string_view kSet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  if (t.size() != 15 || t[13] != 'Z' || number(t.substr(0, 2)) > 38) return false;
  for (std::size_t i = 0; i < 12; ++i) {
    const bool letter = (i >= 2 && i < 7) || i == 11;
    if (letter ? !is_upper(t[i]) : !is_digit(t[i])) return false;
  }
  std::size_t sum = 0;
  for (std::size_t i = 0; i < 14; ++i) {
    const std::size_t product = kSet.find(t[i]) * (i % 2 + 1);
    sum += product / 36 + product % 36;
  }
  return kSet[(36 - sum % 36) % 36] == t[14];
}

}  // namespace

Hit find_tax_id(Reader& reader, std::size_t at) {
  if (number_before(reader.text, at)) return {};
  if (is_digit(reader.at(at))) {
    if (const Hit hit = of_digits(reader, at); hit.end != 0 || reader.starved) return hit;
  }
  std::size_t size = 0, digits = 0;
  for (; size < 16 && is_alnum(reader.at(at + size)); ++size)
    digits += is_digit(reader.at(at + size)) ? 1 : 0;
  if (size < 8 || size > 15 || word_at(reader, at + size)) return {};
  const std::string_view text = reader.text.substr(at, size);
  if (gstin(text)) return {at + size, Entity::tax_id};
  // A VAT number of the European Union: the country, then mostly digits.
  const bool vat =
      is_upper(text[0]) && is_upper(text[1]) && digits >= 7 && size <= 14 && near(reader, at, 48, kVat);
  const bool gst = size == 15 && near(reader, at, 32, kGst);
  return vat || gst ? Hit{at + size, Entity::tax_id} : Hit{};
}

}  // namespace kt::text
