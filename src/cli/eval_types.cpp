// How the types of labelled data map to the policies' own types: what one side calls a national id of some
// country is one class on the other.
#include <algorithm>
#include <iterator>

#include "cli/eval.hpp"

namespace kt::cli {
namespace {

struct Row {
  std::string_view type, to;
};

constexpr Row kRows[] = {
    {"ABA_ROUTING_NUMBER", "ROUTING_NUMBER"},
    {"API_KEY", "SECRET"},
    {"AU_ABN", "TAX_ID"},
    {"AU_ACN", "TAX_ID"},
    {"AU_MEDICARE", "NATIONAL_ID"},
    {"AU_TFN", "NATIONAL_ID"},
    {"BANK_ACCOUNT_NUMBER", "BANK_ACCOUNT"},
    {"CA_SIN", "NATIONAL_ID"},
    {"CONNECTION_STRING", "SECRET"},
    {"CRYPTO", "CRYPTO_ADDRESS"},
    {"DE_HEALTH_INSURANCE", "NATIONAL_ID"},
    {"DE_ID_CARD", "NATIONAL_ID"},
    {"DE_PASSPORT", "PASSPORT"},
    {"DE_SOCIAL_SECURITY", "NATIONAL_ID"},
    {"DE_TAX_ID", "NATIONAL_ID"},
    {"EMAIL_ADDRESS", "EMAIL"},
    {"ES_NIE", "NATIONAL_ID"},
    {"ES_NIF", "NATIONAL_ID"},
    {"ES_PASSPORT", "PASSPORT"},
    {"FI_PERSONAL_IDENTITY_CODE", "NATIONAL_ID"},
    {"IBAN_CODE", "IBAN"},
    {"INSURANCE_POLICY_NUMBER", "INSURANCE_ID"},
    {"IN_AADHAAR", "NATIONAL_ID"},
    {"IN_GSTIN", "TAX_ID"},
    {"IN_PAN", "NATIONAL_ID"},
    {"IN_PASSPORT", "PASSPORT"},
    {"IT_FISCAL_CODE", "NATIONAL_ID"},
    {"IT_PASSPORT", "PASSPORT"},
    {"IT_VAT_CODE", "TAX_ID"},
    {"JWT", "SECRET"},
    {"KR_BRN", "TAX_ID"},
    {"KR_FRN", "NATIONAL_ID"},
    {"KR_PASSPORT", "PASSPORT"},
    {"KR_RRN", "NATIONAL_ID"},
    {"MEDICAL_LICENSE", "DEA_NUMBER"},
    {"NATIONAL_ID_NUMBER", "NATIONAL_ID"},
    {"NG_NIN", "NATIONAL_ID"},
    {"PASSPORT_NUMBER", "PASSPORT"},
    {"PHONE_NUMBER", "PHONE"},
    {"PH_MOBILE_NUMBER", "PHONE"},
    {"PL_PESEL", "NATIONAL_ID"},
    {"PRIVATE_KEY", "SECRET"},
    {"SE_ORGANISATIONSNUMMER", "TAX_ID"},
    {"SE_PERSONNUMMER", "NATIONAL_ID"},
    {"SG_NRIC_FIN", "NATIONAL_ID"},
    {"SWIFT_BIC_CODE", "SWIFT_BIC"},
    {"TH_TNIN", "NATIONAL_ID"},
    {"TR_NATIONAL_ID", "NATIONAL_ID"},
    {"TR_PHONE_NUMBER", "PHONE"},
    {"UK_DRIVING_LICENCE", "DRIVER_LICENSE"},
    {"UK_NHS", "NATIONAL_ID"},
    {"UK_NINO", "NATIONAL_ID"},
    {"UK_PASSPORT", "PASSPORT"},
    {"URL_CREDENTIALS", "SECRET"},
    {"US_DRIVER_LICENSE", "DRIVER_LICENSE"},
    {"US_ITIN", "ITIN"},
    {"US_MBI", "INSURANCE_ID"},
    {"US_NPI", "NPI"},
    {"US_PASSPORT", "PASSPORT"},
    {"US_SSN", "SSN"},
    {"ZA_ID_NUMBER", "NATIONAL_ID"},
};
static_assert(std::is_sorted(std::begin(kRows), std::end(kRows),
                             [](const Row& a, const Row& b) { return a.type < b.type; }));

// Annotated in some data, claimed by no policy: names, places, times and the like.
constexpr std::string_view kUnclaimed[] = {
    "ADDRESS",
    "AGE",
    "BAR_NUMBER",
    "COURT_CASE_NUMBER",
    "DATE_TIME",
    "DOCKET_NUMBER",
    "EMPLOYEE_ID",
    "JOB_TITLE",
    "HEALTH_CONDITION",
    "INVOICE_NUMBER",
    "LOCATION",
    "NRP",
    "ORGANIZATION",
    "MEDICATION_NAME",
    "PERSON",
    "PREFIX",
    "SALARY",
    "TITLE",
    "URL",
    "USERNAME",
    "ZIP_CODE",
};

}  // namespace

std::string_view eval_type(std::string_view type) {
  if (std::find(std::begin(kUnclaimed), std::end(kUnclaimed), type) != std::end(kUnclaimed)) return {};
  const auto row =
      std::lower_bound(std::begin(kRows), std::end(kRows), type,
                       [](const Row& each, std::string_view wanted) { return each.type < wanted; });
  return row != std::end(kRows) && row->type == type ? row->to : type;
}

}  // namespace kt::cli
