// JSON passed over: tokens that are valid, and others that are not.

#include "json.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "check.hpp"

namespace {

namespace json = holdfast::json;

// How many bytes of the text the value has, or -1.
std::ptrdiff_t length_of(const std::string& text) {
    const std::string guarded = text + '\n' + std::string(json::slack - 1, '"');
    const char* const end = json::behind_value(guarded.data());
    return end == nullptr ? -1 : end - guarded.data();
}

std::string nested(int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
}

void values() {
    for (const std::string valid : {"0",
                                    "-0",
                                    "10",
                                    "-1.50",
                                    "1e9",
                                    "1E+09",
                                    "0.1e-99",
                                    "true",
                                    "false",
                                    "null",
                                    "\"\"",
                                    "\"seven b\"",
                                    "\"eight byt\"",
                                    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
                                    "\"\\u00eF\"",
                                    "\"\\uD83d\\uDE00\"",
                                    "\"\x7f\xc2\x80\xdf\xbf\"",
                                    "\"\xe0\xa0\x80\xed\x9f\xbf\"",
                                    "\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"",
                                    "[]",
                                    "[ ]",
                                    "[1,\t2 , [ ] ]",
                                    "{}",
                                    "{ }",
                                    "{\"a\":1,\"a\" : {} }"}) {
        require(length_of(valid) == static_cast<std::ptrdiff_t>(valid.size()), valid);
    }
    for (const std::string invalid : {"",
                                      "-",
                                      "+1",
                                      ".5",
                                      "1.",
                                      "1.e1",
                                      "1e",
                                      "1e+",
                                      "1e100",
                                      "tru",
                                      "nul",
                                      "\"",
                                      "\"a",
                                      "\"\\",
                                      "\"\\x\"",
                                      "\"\\u1\"",
                                      "\"\\u12g4\"",
                                      "\"\\ud800\"",
                                      "\"\\udc00\"",
                                      "\"\\ud800\\u0041\"",
                                      "\"\x1f\"",
                                      "\"\x80\"",
                                      "\"\xc1\xbf\"",
                                      "\"\xe0\x9f\xbf\"",
                                      "\"\xed\xa0\x80\"",
                                      "\"\xf0\x8f\xbf\xbf\"",
                                      "\"\xf4\x90\x80\x80\"",
                                      "\"\xf5\x80\x80\x80\"",
                                      "\"\xe2\x82\"",
                                      "[",
                                      "[1",
                                      "[1,]",
                                      "[,1]",
                                      "[1 2]",
                                      "{",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "{\"a\":1,}",
                                      "{1:1}",
                                      "]",
                                      "}"}) {
        require(length_of(invalid) == -1, invalid);
    }
    require(length_of("01") == 1, "a leading zero ends the number");
    require(length_of(nested(json::deepest)) == 2 * json::deepest, "the deepest");
    require(length_of(nested(json::deepest + 1)) == -1, "too deep");
    require(length_of(nested(100'000)) == -1, "far too deep");
}

void naturals() {
    constexpr auto greatest = std::numeric_limits<std::int64_t>::max();
    for (const std::int64_t number : {std::int64_t{0}, std::int64_t{1'234'567'890}, greatest}) {
        std::int64_t read = -1;
        const std::string text = std::to_string(number) + '\n';
        require(json::behind_natural(text.data(), read) == &text.back() && read == number, text);
    }
    for (const std::string text : {"\n", "-1\n", "00\n", "9223372036854775808\n",
                                   "18446744073709551616\n", "100000000000000000000\n"}) {
        std::int64_t read = -1;
        require(json::behind_natural(text.data(), read) == nullptr, text);
    }
}

// The search for the end of plain text takes eight bytes at a time: every byte at every place.
void plain_text() {
    for (int byte = 0; byte < 256; ++byte) {
        for (std::size_t place = 0; place < 24; ++place) {
            for (const char before : {' ', '!', '#', '[', ']', '\x7f'}) {
                std::string text(place, before);
                text += static_cast<char>(byte);
                text += "\"\n";
                text.append(json::slack, '\0');
                const bool ends = byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\';
                require(
                    json::behind_plain_text(text.data()) == text.data() + place + (ends ? 0 : 1),
                    "byte " + std::to_string(byte) + " at " + std::to_string(place));
            }
        }
    }
}

}  // namespace

int main() {
    values();
    naturals();
    plain_text();
}
