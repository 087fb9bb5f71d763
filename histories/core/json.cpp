#include "json.hpp"

#include <limits>

namespace holdfast::json {
namespace {

bool between(char byte, unsigned char least, unsigned char greatest) {
    const auto value = static_cast<unsigned char>(byte);
    return least <= value && value <= greatest;
}

bool is_digit(char byte) {
    return between(byte, '0', '9');
}

const char* behind_digits(const char* at) {
    if (!is_digit(*at)) return nullptr;
    while (is_digit(*at)) ++at;
    return at;
}

// Four hexadecimal digits, the `unit` of UTF-16 that they spell.
const char* behind_unit(const char* at, unsigned& unit) {
    unit = 0;
    for (const char* const end = at + 4; at != end; ++at) {
        const int lower = *at | 0x20;
        if (is_digit(*at)) {
            unit = unit * 16 + static_cast<unsigned>(*at - '0');
        } else if ('a' <= lower && lower <= 'f') {
            unit = unit * 16 + static_cast<unsigned>(lower - 'a' + 10);
        } else {
            return nullptr;
        }
    }
    return at;
}

const char* behind_escape(const char* at) {
    switch (*++at) {
        case '"':
        case '\\':
        case '/':
        case 'b':
        case 'f':
        case 'n':
        case 'r':
        case 't':
            return at + 1;
        case 'u':
            break;
        default:
            return nullptr;
    }
    unsigned unit = 0;
    at = behind_unit(at + 1, unit);
    if (at == nullptr || unit < 0xd800 || unit > 0xdfff) return at;
    // Half a surrogate pair: the other half must follow.
    if (unit > 0xdbff || at[0] != '\\' || at[1] != 'u') return nullptr;
    at = behind_unit(at + 2, unit);
    return at != nullptr && 0xdc00 <= unit && unit <= 0xdfff ? at : nullptr;
}

const char* behind_continuation(const char* at, int count) {
    for (const char* const end = at + count; at != end; ++at) {
        if (!between(*at, 0x80, 0xbf)) return nullptr;
    }
    return at;
}

// The Unicode Standard, table 3-7: well-formed UTF-8 byte sequences.
const char* behind_character(const char* at) {
    if (between(*at, 0xc2, 0xdf)) return behind_continuation(at + 1, 1);
    if (between(*at, 0xe0, 0xef)) {
        const unsigned char least = between(*at, 0xe0, 0xe0) ? 0xa0 : 0x80;
        const unsigned char greatest = between(*at, 0xed, 0xed) ? 0x9f : 0xbf;
        return between(at[1], least, greatest) ? behind_continuation(at + 2, 1) : nullptr;
    }
    if (between(*at, 0xf0, 0xf4)) {
        const unsigned char least = between(*at, 0xf0, 0xf0) ? 0x90 : 0x80;
        const unsigned char greatest = between(*at, 0xf4, 0xf4) ? 0x8f : 0xbf;
        return between(at[1], least, greatest) ? behind_continuation(at + 2, 2) : nullptr;
    }
    return nullptr;
}

template <std::size_t Size>
const char* behind_word(const char* at, const char (&word)[Size]) {
    static_assert(Size <= slack);
    return std::memcmp(at, word, Size - 1) == 0 ? at + Size - 1 : nullptr;
}

const char* behind_list(const char* at, int depth) {
    at = behind_space(at + 1);
    if (*at == ']') return at + 1;
    for (;; ++at) {
        at = behind_value(behind_space(at), depth + 1);
        if (at == nullptr) return nullptr;
        at = behind_space(at);
        if (*at != ',') return *at == ']' ? at + 1 : nullptr;
    }
}

const char* behind_object(const char* at, int depth) {
    at = behind_space(at + 1);
    if (*at == '}') return at + 1;
    for (;; ++at) {
        at = behind_string(behind_space(at));
        if (at == nullptr) return nullptr;
        at = behind_space(at);
        if (*at != ':') return nullptr;
        at = behind_value(behind_space(at + 1), depth + 1);
        if (at == nullptr) return nullptr;
        at = behind_space(at);
        if (*at != ',') return *at == '}' ? at + 1 : nullptr;
    }
}

}  // namespace

const char* behind_special(const char* at) {
    return *at == '\\' ? behind_escape(at) : behind_character(at);
}

const char* behind_number(const char* at) {
    const char* const begin = at;
    if (*at == '-') ++at;
    at = *at == '0' ? at + 1 : behind_digits(at);
    if (at != nullptr && *at == '.') at = behind_digits(at + 1);
    if (at != nullptr && (*at == 'e' || *at == 'E')) {
        ++at;
        if (*at == '+' || *at == '-') ++at;
        const char* const exponent = at;
        at = behind_digits(at);
        if (at != nullptr && at - exponent > 2) return nullptr;
    }
    return at != nullptr && at - begin <= longest_number ? at : nullptr;
}

const char* behind_natural(const char* at, std::int64_t& number) {
    constexpr int most_digits = std::numeric_limits<std::int64_t>::digits10 + 1;
    const char* const begin = at;
    std::uint64_t value = 0;
    for (; is_digit(*at); ++at) {
        if (at - begin == most_digits) return nullptr;
        value = value * 10 + static_cast<std::uint64_t>(*at - '0');
    }
    if (at == begin || (*begin == '0' && at - begin > 1)) return nullptr;
    if (value > std::numeric_limits<std::int64_t>::max()) return nullptr;
    number = static_cast<std::int64_t>(value);
    return at;
}

const char* behind_value(const char* at, int depth) {
    switch (*at) {
        case '"':
            return behind_string(at);
        case '[':
            return depth < deepest ? behind_list(at, depth) : nullptr;
        case '{':
            return depth < deepest ? behind_object(at, depth) : nullptr;
        case 't':
            return behind_word(at, "true");
        case 'f':
            return behind_word(at, "false");
        case 'n':
            return behind_word(at, "null");
        default:
            return behind_number(at);
    }
}

}  // namespace holdfast::json
