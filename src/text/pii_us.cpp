// US social security numbers (SSA rules), ITINs and EINs (IRS groups).
#include "text/check_digits.hpp"
#include "text/context.hpp"
#include "text/digit_groups.hpp"
#include "text/recogniser.hpp"

namespace kt::text {
namespace {

const Words kSocialSecurity("ssn*|ssns|ssid|social security*|social sec*|social");
const Words kItin("itin");
const Words kTaxpayer("itin|taxpayer|tax id|tin");

bool ssn_issued(std::string_view d) {
  const int area = number(d.substr(0, 3));
  if (area == 0 || area == 666 || area >= 900 || d.substr(3, 2) == "00" || d.substr(5) == "0000")
    return false;
  if (d.find_first_not_of(d[0]) == d.npos) return false;
  return d != "078051120" && d != "219099999";  // printed on sample cards
}

bool itin_issued(std::string_view d) {
  const int group = number(d.substr(3, 2));
  return d[0] == '9' && ((group >= 50 && group <= 65) || (group >= 70 && group <= 88) ||
                         (group >= 90 && group <= 92) || (group >= 94 && group <= 99));
}

bool speaks_of_ssn(const Reader& reader, std::size_t at) {
  return near(reader, at, kContext, kSocialSecurity);
}

}  // namespace

Hit find_ssn(Reader& reader, std::size_t at) {
  if (!is_digit(reader.at(at)) || number_before(reader.text, at)) return {};
  const DigitGroups in = read_groups(reader, at, 9, 9, " -.");
  if (in.total() != 9 || in.overlong || (in.count != 1 && in.count != 3)) return {};
  if (in.count == 3 && (in.groups[0].size != 3 || in.groups[1].size != 2 ||
                        in.groups[0].separator != in.groups[1].separator)) {
    return {};
  }
  const std::size_t end = in.groups[in.count - 1].end;
  if (number_goes_on(reader, end)) return {};
  const std::string_view digits = in.first(9);
  const bool dashed = in.count == 3 && in.groups[0].separator == '-';
  const bool said = speaks_of_ssn(reader, at);
  if (said && !near(reader, at, 32, kItin)) {
    return ssn_issued(digits) || (in.count == 3 && digits[0] == '9') ? Hit{end, Entity::ssn} : Hit{};
  }
  if (itin_issued(digits) && (dashed || near(reader, at, 64, kTaxpayer))) return {end, Entity::itin};
  return dashed && ssn_issued(digits) ? Hit{end, Entity::ssn} : Hit{};
}

}  // namespace kt::text
