#pragma once
// The markings that dlp-filter knows without being told, by sensitivity_level. docs/detection-safety.md
// prints this table.

#include <string_view>

namespace kt::policy {

enum class DlpLevel : unsigned char { low, medium, high };

// How a marking stands in documents. capitals: only without a lower-case letter, as banners do.
enum class DlpForm : unsigned char { any_case, capitals };

struct DlpRule {
  std::string_view text;
  DlpLevel from;  // the lowest level that has it
  DlpForm form;
};

inline constexpr DlpRule kDlpRules[] = {
    // low: banners and headers of marked documents, as they are printed on them
    {"TOP SECRET", DlpLevel::low, DlpForm::capitals},
    {"SECRET//NOFORN", DlpLevel::low, DlpForm::capitals},
    {"SECRET//REL TO", DlpLevel::low, DlpForm::capitals},
    {"CONFIDENTIAL//NOFORN", DlpLevel::low, DlpForm::capitals},
    {"NATO SECRET", DlpLevel::low, DlpForm::capitals},
    {"NATO CONFIDENTIAL", DlpLevel::low, DlpForm::capitals},
    {"NATO RESTRICTED", DlpLevel::low, DlpForm::capitals},
    {"COSMIC TOP SECRET", DlpLevel::low, DlpForm::capitals},
    {"CONTROLLED UNCLASSIFIED INFORMATION", DlpLevel::low, DlpForm::capitals},
    {"FOR OFFICIAL USE ONLY", DlpLevel::low, DlpForm::capitals},
    {"OFFICIAL-SENSITIVE", DlpLevel::low, DlpForm::capitals},
    {"TLP:RED", DlpLevel::low, DlpForm::capitals},
    {"TLP:AMBER", DlpLevel::low, DlpForm::capitals},
    {"TLP:AMBER+STRICT", DlpLevel::low, DlpForm::capitals},
    {"STRICTLY CONFIDENTIAL", DlpLevel::low, DlpForm::capitals},
    {"COMPANY CONFIDENTIAL", DlpLevel::low, DlpForm::capitals},
    {"HIGHLY CONFIDENTIAL", DlpLevel::low, DlpForm::capitals},
    {"INTERNAL USE ONLY", DlpLevel::low, DlpForm::capitals},
    {"ATTORNEY-CLIENT PRIVILEGED", DlpLevel::low, DlpForm::capitals},
    {"STRENG GEHEIM", DlpLevel::low, DlpForm::capitals},
    {"VS-NUR FÜR DEN DIENSTGEBRAUCH", DlpLevel::low, DlpForm::any_case},
    {"STRENG VERTRAULICH", DlpLevel::low, DlpForm::capitals},
    {"TRÈS SECRET DÉFENSE", DlpLevel::low, DlpForm::any_case},
    {"CONFIDENTIEL DÉFENSE", DlpLevel::low, DlpForm::any_case},
    {"DIFFUSION RESTREINTE", DlpLevel::low, DlpForm::capitals},
    {"СОВЕРШЕННО СЕКРЕТНО", DlpLevel::low, DlpForm::any_case},
    {"ДЛЯ СЛУЖЕБНОГО ПОЛЬЗОВАНИЯ", DlpLevel::low, DlpForm::any_case},
    {"社外秘", DlpLevel::low, DlpForm::any_case},
    {"極秘", DlpLevel::low, DlpForm::any_case},
    {"绝密", DlpLevel::low, DlpForm::any_case},
    {"대외비", DlpLevel::low, DlpForm::any_case},

    // medium: the same sentences in running text, and what companies write on papers
    {"for internal use only", DlpLevel::medium, DlpForm::any_case},
    {"internal use only", DlpLevel::medium, DlpForm::any_case},
    {"strictly confidential", DlpLevel::medium, DlpForm::any_case},
    {"company confidential", DlpLevel::medium, DlpForm::any_case},
    {"confidential and proprietary", DlpLevel::medium, DlpForm::any_case},
    {"proprietary and confidential", DlpLevel::medium, DlpForm::any_case},
    {"privileged and confidential", DlpLevel::medium, DlpForm::any_case},
    {"attorney-client privileged", DlpLevel::medium, DlpForm::any_case},
    {"attorney work product", DlpLevel::medium, DlpForm::any_case},
    {"commercial in confidence", DlpLevel::medium, DlpForm::any_case},
    {"contains trade secrets", DlpLevel::medium, DlpForm::any_case},
    {"not for public release", DlpLevel::medium, DlpForm::any_case},
    {"not for external distribution", DlpLevel::medium, DlpForm::any_case},
    {"do not distribute", DlpLevel::medium, DlpForm::capitals},
    {"material nonpublic information", DlpLevel::medium, DlpForm::any_case},
    {"CONFIDENTIAL", DlpLevel::medium, DlpForm::capitals},
    {"nur für den internen Gebrauch", DlpLevel::medium, DlpForm::any_case},
    {"streng vertraulich", DlpLevel::medium, DlpForm::any_case},
    {"usage interne uniquement", DlpLevel::medium, DlpForm::any_case},
    {"strictement confidentiel", DlpLevel::medium, DlpForm::any_case},
    {"solo para uso interno", DlpLevel::medium, DlpForm::any_case},
    {"estrictamente confidencial", DlpLevel::medium, DlpForm::any_case},
    {"somente para uso interno", DlpLevel::medium, DlpForm::any_case},
    {"solo per uso interno", DlpLevel::medium, DlpForm::any_case},
    {"strettamente riservato", DlpLevel::medium, DlpForm::any_case},
    {"строго конфиденциально", DlpLevel::medium, DlpForm::any_case},
    {"内部资料", DlpLevel::medium, DlpForm::any_case},
    {"内部使用", DlpLevel::medium, DlpForm::any_case},
    {"機密文書", DlpLevel::medium, DlpForm::any_case},

    // high: single words that stand on marked papers and in ordinary text alike
    {"confidential", DlpLevel::high, DlpForm::any_case},
    {"proprietary", DlpLevel::high, DlpForm::any_case},
    {"classified", DlpLevel::high, DlpForm::any_case},
    {"top secret", DlpLevel::high, DlpForm::any_case},
    {"trade secret", DlpLevel::high, DlpForm::any_case},
    {"trade secrets", DlpLevel::high, DlpForm::any_case},
    {"internal only", DlpLevel::high, DlpForm::any_case},
    {"not for distribution", DlpLevel::high, DlpForm::any_case},
    {"do not distribute", DlpLevel::high, DlpForm::any_case},
    {"do not forward", DlpLevel::high, DlpForm::any_case},
    {"under embargo", DlpLevel::high, DlpForm::any_case},
    {"non-disclosure agreement", DlpLevel::high, DlpForm::any_case},
    {"nondisclosure agreement", DlpLevel::high, DlpForm::any_case},
    {"all rights reserved", DlpLevel::high, DlpForm::any_case},
    {"vertraulich", DlpLevel::high, DlpForm::any_case},
    {"confidentiel", DlpLevel::high, DlpForm::any_case},
    {"confidencial", DlpLevel::high, DlpForm::any_case},
    {"riservato", DlpLevel::high, DlpForm::any_case},
    {"конфиденциально", DlpLevel::high, DlpForm::any_case},
    {"机密", DlpLevel::high, DlpForm::any_case},
    {"機密", DlpLevel::high, DlpForm::any_case},
    {"기밀", DlpLevel::high, DlpForm::any_case},
};

}  // namespace kt::policy
