#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

// Strict JSON, passed over token by token. Each function is given the first byte of a token and
// returns the place behind the token, or nullptr if it is not valid. No token holds a bare line
// break, so whoever puts one behind the text needs no other guard.
namespace holdfast::json {

// How many bytes behind the text's last line break must be readable; they are not used.
inline constexpr std::size_t slack = 16;

// How deep lists and objects may be nested.
inline constexpr int deepest = 64;

// The longest number. Not even with an exponent of two digits is it too big for a double.
inline constexpr std::ptrdiff_t longest_number = 100;

const char* behind_value(const char* at, int depth = 0);
const char* behind_number(const char* at);

// A whole number from 0 to the greatest int64, which is put into `number`.
const char* behind_natural(const char* at, std::int64_t& number);

// An escape sequence, or a character of more than one byte in UTF-8.
const char* behind_special(const char* at);

inline std::uint64_t eight_bytes(const char* at) {
    std::uint64_t bytes;
    std::memcpy(&bytes, at, sizeof bytes);
    return bytes;
}

inline bool ends_plain_text(char byte) {
    const auto value = static_cast<unsigned char>(byte);
    return value == '"' || value == '\\' || value < 0x20 || value >= 0x80;
}

// The first byte that does not stand for itself in a string.
inline const char* behind_plain_text(const char* at) {
    if constexpr (std::endian::native == std::endian::little) {
        constexpr std::uint64_t ones = 0x0101010101010101;
        constexpr std::uint64_t high_bits = 0x80 * ones;
        for (;; at += 8) {
            // In each term, the lowest high bit belongs to the first byte that is looked for: a
            // borrow can disturb only the bytes behind it.
            const std::uint64_t bytes = eight_bytes(at);
            const std::uint64_t quotes = bytes ^ ('"' * ones);
            const std::uint64_t backslashes = bytes ^ ('\\' * ones);
            const std::uint64_t found =
                (((quotes - ones) & ~quotes) | ((backslashes - ones) & ~backslashes) |
                 ((bytes - 0x20 * ones) & ~bytes) | bytes) &
                high_bits;
            if (found != 0) return at + std::countr_zero(found) / 8;
        }
    }
    while (!ends_plain_text(*at)) ++at;
    return at;
}

inline const char* behind_string(const char* at) {
    if (*at != '"') return nullptr;
    for (++at;;) {
        at = behind_plain_text(at);
        if (*at == '"') return at + 1;
        at = behind_special(at);
        if (at == nullptr) return nullptr;
    }
}

// Spaces, if there are any; line breaks are none.
inline const char* behind_space(const char* at) {
    while (*at == ' ' || *at == '\t' || *at == '\r') ++at;
    return at;
}

}  // namespace holdfast::json
