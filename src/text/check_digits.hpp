#pragma once
// Check digits of public standards. Digits come as characters.

#include <cstdint>
#include <span>
#include <string_view>

namespace kt::text {

bool luhn(std::string_view digits);             // ISO/IEC 7812-1 annex B
bool verhoeff(std::string_view digits);         // Verhoeff 1969
int iso7064_mod11_10(std::string_view digits);  // the check digit of what is given
int mod97(std::string_view alnum);              // ISO 7064 MOD 97-10; letters count 10 to 35
// The sum of digits times weights; as many digits as weights.
int weighted(std::string_view digits, std::span<const int> weights);
// A calendar day that can be somebody's birthday; two-digit years stand for any century.
bool day_exists(int year, int month, int day);
int number(std::string_view digits);  // at most nine digits

}  // namespace kt::text
