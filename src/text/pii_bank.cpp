// Bank accounts: IBAN (ISO 13616) by country length and mod 97; US routing numbers (ABA) by checksum and
// label; account numbers and BICs (ISO 9362) by label.
#include <algorithm>
#include <array>

#include "text/check_digits.hpp"
#include "text/context.hpp"
#include "text/digit_groups.hpp"
#include "text/recogniser.hpp"

namespace kt::text {
namespace {

const Words kRouting("routing|aba|rtn|transit|bankrouting|abarouting");
const Words kAccount(
    "account|acct|a/c|bank account|account_number|accountnumber|kontonummer|konto|cuenta|"
    "compte|conto|conta|账号|口座番号|계좌번호");
const Words kBic("swift|bic|swift/bic|bic/swift|swift_bic|swift-bic");
const Words kIban("iban");

struct Length {
  char country[3];
  std::uint8_t size;
};

// The SWIFT registry's countries and lengths.
constexpr Length kLengths[] = {
    {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22},
    {"BH", 22}, {"BI", 27}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24},
    {"DE", 22}, {"DJ", 27}, {"DK", 18}, {"DO", 28}, {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18},
    {"FK", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22}, {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27},
    {"GT", 28}, {"HN", 28}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26},
    {"IT", 27}, {"JO", 30}, {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20},
    {"LU", 20}, {"LV", 21}, {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MN", 20},
    {"MR", 27}, {"MT", 31}, {"MU", 30}, {"NI", 28}, {"NL", 18}, {"NO", 15}, {"OM", 23}, {"PK", 24},
    {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22}, {"RU", 33}, {"SA", 24},
    {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"SO", 23}, {"ST", 25},
    {"SV", 28}, {"TL", 23}, {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20},
    {"YE", 30}};

std::size_t iban_length(int a, int b) {
  for (const Length& each : kLengths) {
    if (each.country[0] == a && each.country[1] == b) return each.size;
  }
  return 0;
}

bool aba(std::string_view digits) {
  constexpr int kWeights[] = {3, 7, 1, 3, 7, 1, 3, 7, 1};
  const int district = number(digits.substr(0, 2));
  const bool known = (district >= 1 && district <= 12) || (district >= 21 && district <= 32) ||
                     (district >= 61 && district <= 72) || district == 80;
  return known && weighted(digits, kWeights) % 10 == 0;
}

Hit routing_number(Reader& reader, std::size_t at) {
  const DigitGroups in = read_groups(reader, at, 9, 9, "-");
  if (in.total() != 9 || in.overlong || number_goes_on(reader, in.groups[in.count - 1].end)) return {};
  if (!aba(in.first(9))) return {};
  const bool said = near(reader, at, 64, kRouting);
  return said ? Hit{in.groups[in.count - 1].end, Entity::routing_number} : Hit{};
}

Hit account_number(Reader& reader, std::size_t at) {
  const DigitGroups in = read_groups(reader, at, 6, 18, " -");
  if (in.overlong || in.total() == 0 || number_goes_on(reader, in.groups[in.count - 1].end)) return {};
  const bool said = labelled(reader, at, kAccount);
  return said ? Hit{in.groups[in.count - 1].end, Entity::bank_account} : Hit{};
}

// Four letters, a country, two and perhaps three more.
Hit bic(Reader& reader, std::size_t at) {
  std::size_t size = 0;
  while (size < 12 && is_alnum(reader.at(at + size))) {
    if (size < 6 && !is_upper(reader.at(at + size))) return {};
    ++size;
  }
  if ((size != 8 && size != 11) || word_at(reader, at + size)) return {};
  return labelled(reader, at, kBic) ? Hit{at + size, Entity::swift_bic} : Hit{};
}

}  // namespace

Hit find_iban(Reader& reader, std::size_t at) {
  const int a = reader.at(at), b = reader.at(at + 1);
  if (!is_alpha(a) || !is_alpha(b) || !is_digit(reader.at(at + 2)) || !is_digit(reader.at(at + 3))) return {};
  const std::size_t wanted = iban_length(a & ~32, b & ~32);
  if (wanted == 0) return {};
  std::array<char, 36> digits;
  std::size_t count = 0, i = at;
  while (count < wanted) {
    int c = reader.at(i);
    if ((c == ' ' || c == '-') && count >= 4 && !is_space(reader.at(i - 1))) c = reader.at(++i);
    if (!is_alnum(c)) return {};
    digits[count++] = static_cast<char>(c);
    ++i;
  }
  if (word_at(reader, i)) return {};
  std::rotate(digits.begin(), digits.begin() + 4, digits.begin() + static_cast<std::ptrdiff_t>(wanted));
  const bool valid = mod97({digits.data(), wanted}) == 1;
  return valid || labelled(reader, at, kIban) ? Hit{i, Entity::iban} : Hit{};
}

Hit find_bank(Reader& reader, std::size_t at) {
  if (!is_digit(reader.at(at))) return is_upper(reader.at(at)) ? bic(reader, at) : Hit{};
  if (number_before(reader.text, at)) return {};
  const Hit routing = routing_number(reader, at);
  return routing.end != 0 || reader.starved ? routing : account_number(reader, at);
}

}  // namespace kt::text
