#pragma once
// What is no lane, and why.

#include <list>
#include <string>
#include <string_view>

#include "kt/llm/lane.hpp"

namespace kt::llm {

// An identifier: up to 64 of A-Z a-z 0-9 _ . : -, and no digit in front: that could be somebody's number.
bool is_identifier(std::string_view value);

// Members that name things for machines. Their values are no lanes as long as they are identifiers.
bool is_machine_member(std::string_view name);

// Image, audio and file bytes: base64, also in a data URL that is not text. Nobody reads words in them here.
bool is_media(std::string_view name, std::string_view parent, std::string_view value);

// A member's name as it is meant: one with escapes is written out into `names`.
std::string_view plain_name(std::string_view name, bool escaped, std::list<std::string>& names);

// Who writes what stands in a request's top-level member. `items`: messages, each with a role of its own.
struct TopRule {
  Role role = Role::user;
  bool items = false;
  bool skip = false;
};
TopRule rule_of(std::string_view member);

Role role_named(std::string_view role);

// The role of an item that has a type instead (Responses API).
bool role_of_item_type(std::string_view type, Role& role);

}  // namespace kt::llm
