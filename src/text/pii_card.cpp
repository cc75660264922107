// Payment cards (ISO/IEC 7812): issuer ranges, lengths, Luhn; and what stands beside a card: security code,
// expiry date, the holder's name.
#include <algorithm>
#include <span>

#include "text/check_digits.hpp"
#include "text/context.hpp"
#include "text/digit_groups.hpp"
#include "text/recogniser.hpp"

namespace kt::text {
namespace {

const Words kCards(
    "card*|credit|debit|visa|mastercard|amex|american express|discover|diners|jcb|maestro|pan|"
    "cc|ccn|karte*|kreditkarte*|tarjeta*|carte|carta|cartão|kaart|creditcard*|信用卡|银行卡|カード|카드|"
    "карт*");
const Words kExpiry(
    "exp|expiry|expires|expiration|expiration date|expiry date|exp date|expires on|valid thru|"
    "good thru|valid until|valid to|caducidad|gültig bis|ablaufdatum|vencimiento|scadenza|"
    "validade|有效期|유효기간");
const Words kSecurityCode(
    "cvv|cvc|cvv2|cvc2|csc|cid|cvn|security code|card code|verification code|"
    "verification value|prüfziffer|código de seguridad|cryptogramme|codice di sicurezza|安全码|"
    "セキュリティコード");
const Words kHolder(
    "cardholder|cardholder name|cardholder's name|card holder|card holder name|name on card|"
    "name on the card|cardholder_name|cardholdername|karteninhaber|titular|"
    "titular de la tarjeta|titulaire|titolare");

struct Range {
  int low, high;             // the first four digits
  std::uint8_t least, most;  // length
  bool known = true;         // a range that needs no word beside it
};

constexpr Range kRanges[] = {
    {4000, 4999, 16, 16},         // Visa
    {4000, 4999, 19, 19},         // Visa
    {4000, 4999, 13, 13, false},  // Visa, old; also article numbers
    {5100, 5599, 16, 16},         // Mastercard
    {2221, 2720, 16, 16},         // Mastercard
    {3400, 3499, 15, 15},         // American Express
    {3700, 3799, 15, 15},         // American Express
    {6011, 6011, 16, 19},         // Discover
    {6440, 6599, 16, 19},         // Discover, RuPay
    {6200, 6299, 16, 19},         // UnionPay
    {8100, 8199, 16, 19},         // UnionPay, RuPay
    {3000, 3059, 14, 14},         // Diners Club
    {3095, 3095, 14, 14},         // Diners Club
    {3600, 3699, 14, 14},         // Diners Club
    {3800, 3999, 14, 14},         // Diners Club
    {3528, 3589, 16, 19},         // JCB
    {2200, 2204, 16, 19},         // Mir
    {9792, 9792, 16, 16},         // Troy
    {5000, 5099, 16, 19},         // Maestro, RuPay, Elo
    {5600, 5899, 16, 19},         // Maestro
    {6000, 6999, 16, 19},         // Maestro, Elo
    {5000, 5999, 12, 15, false},  // Maestro, short
    {6000, 6999, 12, 15, false},  // Maestro, short
};

bool issued(std::string_view digits, bool known) {
  const int first = number(digits.substr(0, 4));
  return std::any_of(std::begin(kRanges), std::end(kRanges), [&](const Range& each) {
    return first >= each.low && first <= each.high && digits.size() >= each.least &&
           digits.size() <= each.most && (each.known || !known);
  });
}

bool all_same(std::string_view digits) { return digits.find_first_not_of(digits[0]) == digits.npos; }

bool speaks_of_cards(const Reader& reader, std::size_t at) { return near(reader, at, 64, kCards); }

bool grouped_like_card(const DigitGroups& in, unsigned groups) {
  if (groups == 1) return true;
  for (unsigned i = 0; i < groups; ++i) {
    if (in.groups[i].size < 3 || in.groups[i].size > 7) return false;
    if (i + 1 < groups && in.groups[i].separator != in.groups[0].separator) return false;
  }
  return true;
}

constexpr std::string_view kBetween = " \t\r\n,;|/:";

std::string_view trimmed(std::string_view text) {
  const std::size_t last = text.find_last_not_of(kBetween);
  return text.substr(0, last == text.npos ? 0 : last + 1);
}

// Whether a card's number ends `text`.
bool ends_in_card(std::string_view text) {
  char digits[19];
  std::size_t count = 0;
  for (std::size_t i = text.size(); i > 0 && count < 19; --i) {
    const char c = text[i - 1];
    if (is_digit(c)) {
      digits[18 - count++] = c;
    } else if ((c != ' ' && c != '-') || count == 0) {
      break;
    }
    if (count >= 13 && (i == 1 || !is_digit(text[i - 2])) && luhn({digits + 19 - count, count}) &&
        issued({digits + 19 - count, count}, false)) {
      return true;
    }
  }
  return false;
}

// A month and a year at `at`: 04/27, 04-2027. The end, or 0.
std::size_t expiry_at(Reader& reader, std::size_t at) {
  const int a = reader.at(at);
  if (a != '0' && a != '1') return 0;
  const int b = reader.at(at + 1);
  if (!is_digit(b) || (a == '1' && b > '2') || (a == '0' && b == '0')) return 0;
  std::size_t i = at + 2;
  if (reader.at(i) == ' ') ++i;
  const int c = reader.at(i);
  if (c != '/' && c != '-' && c != '.') return 0;
  if (reader.at(++i) == ' ') ++i;
  std::size_t digits = 0;
  while (digits < 5 && is_digit(reader.at(i + digits))) ++digits;
  if (digits != 2 && digits != 4) return 0;
  if (digits == 4 && reader.at(i) != '2') return 0;
  return i + digits;
}

// Drops an expiry date from the end of `text`.
std::string_view without_expiry(std::string_view text) {
  for (const std::size_t size : {5u, 7u}) {
    if (text.size() <= size) continue;
    Reader reader{text, true};
    if (expiry_at(reader, text.size() - size) == text.size())
      return trimmed(text.substr(0, text.size() - size));
  }
  return text;
}

}  // namespace

Hit find_card(Reader& reader, std::size_t at) {
  if (!is_digit(reader.at(at)) || number_before(reader.text, at)) return {};
  const DigitGroups in = read_groups(reader, at, 12, 19, " -");
  for (unsigned groups = in.overlong ? in.count - 1 : in.count; groups > 0; --groups) {
    const DigitGroups::Group& last = in.groups[groups - 1];
    if (last.total < 12) break;
    const std::string_view digits = in.first(last.total);
    if (!grouped_like_card(in, groups) || all_same(digits) || !luhn(digits)) continue;
    if (groups == in.count ? number_goes_on(reader, last.end) : last.separator == '-') continue;
    if (issued(digits, true) || speaks_of_cards(reader, at)) return {last.end, Entity::credit_card};
  }
  return {};
}

Hit find_card_detail(Reader& reader, std::size_t at) {
  if (!is_digit(reader.at(at)) || number_before(reader.text, at)) return {};
  const std::string_view before = reader.before(at);
  if (const std::size_t end = expiry_at(reader, at); end != 0 && !number_goes_on(reader, end)) {
    if (labelled(reader, at, kExpiry) || ends_in_card(trimmed(before))) return {end, Entity::card_expiry};
  }
  std::size_t digits = 0;
  while (digits < 5 && is_digit(reader.at(at + digits))) ++digits;
  if (digits < 3 || digits > 4 || number_goes_on(reader, at + digits)) return {};
  if (labelled(reader, at, kSecurityCode)) return {at + digits, Entity::cvv};
  const std::string_view rest = trimmed(before), card = without_expiry(rest);
  return card.size() < rest.size() && ends_in_card(card) ? Hit{at + digits, Entity::cvv} : Hit{};
}

// Two to four capitalised words behind a label.
Hit find_cardholder(Reader& reader, std::size_t at) {
  if (!is_upper(reader.at(at))) return {};
  if (!labelled(reader, at, kHolder)) return {};
  std::size_t i = at, end = 0;
  for (int words = 0; words < 4; ++words) {
    if (!is_upper(reader.at(i))) break;
    std::size_t size = 1;
    while (size < 32 && (word_at(reader, i + size) || reader.at(i + size) == '\'' ||
                         reader.at(i + size) == '-' || (reader.at(i + size) & 0xc0) == 0x80))
      ++size;
    if (size == 1 && reader.at(i + 1) == '.') ++size;
    if (words > 0) end = i + size;
    i += size;
    if (reader.at(i) != ' ') break;
    ++i;
  }
  return {end, Entity::cardholder_name};
}

}  // namespace kt::text
