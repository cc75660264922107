// healthcare_mode: medical record numbers, insurance ids (Medicare's MBI), NPI (Luhn with 80840), DEA
// numbers.
#include "text/check_digits.hpp"
#include "text/context.hpp"
#include "text/digit_groups.hpp"
#include "text/recogniser.hpp"

namespace kt::text {
namespace {

const Words kProviders("npi|national provider*|provider*|physician*");
const Words kRecords("mrn|medical record|patient id|patient|medical_record_number|chart|hospital");
const Words kInsurance(
    "insurance|insurance id|insurance_id|insuranceid|policy|member|member id|memberid|"
    "member_id|subscriber|subscriber id|group|health plan|medicare|medicaid|beneficiary|"
    "insurance policy|policy_number|claim");

// Behind letters, digits and single hyphens from `at`; `digits` of them are digits.
std::size_t id_end(Reader& reader, std::size_t at, std::size_t most, std::size_t& digits) {
  std::size_t i = at;
  digits = 0;
  while (i - at <= most) {
    const int c = reader.at(i);
    if (is_digit(c)) {
      ++digits;
    } else if (!is_alpha(c) && !((c == '-' || c == '/') && i > at && is_alnum(reader.at(i + 1)))) {
      break;
    }
    ++i;
  }
  return i - at > most || word_at(reader, i) ? at : i;
}

Hit npi(Reader& reader, std::size_t at) {
  const DigitGroups in = read_groups(reader, at, 10, 10, "- ");
  if (in.total() != 10 || in.overlong || number_goes_on(reader, in.groups[in.count - 1].end)) return {};
  const std::string digits(in.first(10));
  if ((digits[0] != '1' && digits[0] != '2') || !luhn("80840" + digits)) return {};
  return near(reader, at, 64, kProviders) ? Hit{in.groups[in.count - 1].end, Entity::npi} : Hit{};
}

// C A AN N - A AN N - A A N N, letters without S, L, O, I, B, Z.
Hit mbi(Reader& reader, std::size_t at) {
  constexpr std::string_view kForm = "9A*9A*9AA99", kNever = "SLOIBZsloibz";
  std::size_t i = at;
  for (std::size_t k = 0; k < kForm.size(); ++k) {
    if ((k == 4 || k == 7) && reader.at(i) == '-') ++i;
    const int c = reader.at(i++);
    const bool letter = is_alpha(c) && kNever.find(static_cast<char>(c)) == kNever.npos;
    if (kForm[k] == '9' ? !is_digit(c) : kForm[k] == 'A' ? !letter : !letter && !is_digit(c)) return {};
  }
  return reader.at(at) != '0' && !word_at(reader, i) ? Hit{i, Entity::insurance_id} : Hit{};
}

// Two letters and seven digits with a check digit (DEA).
Hit dea(Reader& reader, std::size_t at) {
  if (std::string_view("ABCDEFGHJKLMPRSTUXabcdefghjklmprstux").find(static_cast<char>(reader.at(at))) ==
          std::string_view::npos ||
      !(is_alpha(reader.at(at + 1)) || reader.at(at + 1) == '9'))
    return {};
  int d[7];
  for (std::size_t i = 0; i < 7; ++i) {
    if (!is_digit(reader.at(at + 2 + i))) return {};
    d[i] = reader.at(at + 2 + i) - '0';
  }
  if (word_at(reader, at + 9)) return {};
  return (d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10 == d[6] ? Hit{at + 9, Entity::dea_number}
                                                                      : Hit{};
}

bool says_record(const Reader& reader, std::size_t at) { return labelled(reader, at, kRecords); }

bool says_insurance(const Reader& reader, std::size_t at) { return labelled(reader, at, kInsurance); }

}  // namespace

Hit find_health(Reader& reader, std::size_t at) {
  if (number_before(reader.text, at)) return {};
  if (is_digit(reader.at(at))) {
    if (const Hit hit = npi(reader, at); hit.end != 0 || reader.starved) return hit;
    if (const Hit hit = mbi(reader, at); hit.end != 0 || reader.starved) return hit;
  } else if (const Hit hit = dea(reader, at); hit.end != 0 || reader.starved) {
    return hit;
  }
  std::size_t digits = 0;
  const std::size_t end = id_end(reader, at, 24, digits);
  if (end - at < 5 || digits < 4) return {};
  const std::string_view text = reader.text.substr(at, end - at);
  const bool tagged = text.size() > 6 && has_word(text.substr(0, 3), "mrn");
  if (tagged || says_record(reader, at)) return {end, Entity::medical_record_number};
  return says_insurance(reader, at) ? Hit{end, Entity::insurance_id} : Hit{};
}

}  // namespace kt::text
