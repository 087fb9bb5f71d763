#include "scan.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <limits>

#include "json.hpp"

namespace holdfast {
namespace {

using json::behind_space;

enum Field : unsigned { other, index, time, type, process, f, value, key, node, error };

constexpr unsigned bit(Field field) {
    return 1u << field;
}
constexpr unsigned required = bit(type) | bit(process) | bit(f);

template <std::size_t Size>
bool starts(const char* at, const char (&word)[Size]) {
    static_assert(Size <= json::slack);
    return std::memcmp(at, word, Size - 1) == 0;
}

// The field whose name begins at `at`, behind the quote.
Field field_at(const char* at) {
    switch (*at) {
        case 'i':
            return starts(at, "index\"") ? index : other;
        case 't':
            return starts(at, "time\"") ? time : starts(at, "type\"") ? type : other;
        case 'p':
            return starts(at, "process\"") ? process : other;
        case 'f':
            return starts(at, "f\"") ? f : other;
        case 'v':
            return starts(at, "value\"") ? value : other;
        case 'k':
            return starts(at, "key\"") ? key : other;
        case 'n':
            return starts(at, "node\"") ? node : other;
        case 'e':
            return starts(at, "error\"") ? error : other;
        default:
            return other;
    }
}

// A string without escapes: written in one way only.
const char* behind_plain_string(const char* at, std::string_view& text) {
    const char* const end = json::behind_string(at);
    if (end == nullptr) return nullptr;
    text = {at, static_cast<std::size_t>(end - at)};
    return std::memchr(at, '\\', text.size()) == nullptr ? end : nullptr;
}

const char* behind_any(const char* at, std::string_view& text) {
    const char* const end = json::behind_value(at);
    if (end != nullptr) text = {at, static_cast<std::size_t>(end - at)};
    return end;
}

const char* behind_natural_or_null(const char* at, std::int64_t& number) {
    return starts(at, "null") ? at + 4 : json::behind_natural(at, number);
}

// A string, or a whole number that is not -0, which is 0 written otherwise.
const char* behind_process(const char* at, std::string_view& text) {
    if (*at == '"') return behind_plain_string(at, text);
    std::int64_t number = 0;
    const bool negative = *at == '-';
    const char* const end = json::behind_natural(at + negative, number);
    if (end == nullptr || (negative && number == 0)) return nullptr;
    text = {at, static_cast<std::size_t>(end - at)};
    return end;
}

const char* behind_type(const char* at, Type& type) {
    if (starts(at, "\"invoke\"")) {
        type = Type::invoke;
        return at + 8;
    }
    if (starts(at, "\"ok\"")) {
        type = Type::ok;
        return at + 4;
    }
    if (starts(at, "\"fail\"") || starts(at, "\"info\"")) {
        type = at[1] == 'f' ? Type::fail : Type::info;
        return at + 6;
    }
    return nullptr;
}

const char* behind_content(Field field, const char* at, Event& event) {
    switch (field) {
        case index:
            return behind_natural_or_null(at, event.index);
        case time:
            return behind_natural_or_null(at, event.time);
        case type:
            return behind_type(at, event.type);
        case process:
            return behind_process(at, event.process);
        case f:
            return behind_plain_string(at, event.f);
        case value:
            return behind_any(at, event.value);
        case key:
            return behind_any(at, event.key);
        case node:
            return starts(at, "null") ? at + 4 : json::behind_string(at);
        case error:
            return behind_any(at, event.error);
        case other:
            break;
    }
    return json::behind_value(at);
}

// A name, a colon and what follows. `seen` are the fields of this line so far.
const char* behind_member(const char* at, Event& event, unsigned& seen) {
    std::string_view name;
    const Field field = *at == '"' ? field_at(at + 1) : other;
    // A name with escapes may be that of a field.
    const char* end = behind_plain_string(at, name);
    if (end == nullptr || (field != other && (seen & bit(field)) != 0)) return nullptr;
    seen |= bit(field);
    end = behind_space(end);
    return *end == ':' ? behind_content(field, behind_space(end + 1), event) : nullptr;
}

const char* behind_line(const char* at, Event& event) {
    at = behind_space(at);
    if (*at != '{') return nullptr;
    unsigned seen = 0;
    do {
        at = behind_member(behind_space(at + 1), event, seen);
        if (at == nullptr) return nullptr;
        at = behind_space(at);
    } while (*at == ',');
    if (*at != '}' || (seen & required) != required) return nullptr;
    at = behind_space(at + 1);
    return *at == '\n' ? at + 1 : nullptr;
}

struct Line {
    Event event;
    Place place;
};

// Reads whole lines, each with its line break; behind the last there is slack.
bool scan_lines(std::string_view lines, ScanLimits limits, Place& place, Pairing& operations) {
    const char* const end = lines.data() + lines.size();
    std::array<Line, 16> read;
    for (const char* at = lines.data(); at != end;) {
        std::size_t count = 0;
        for (; count < read.size() && at != end; ++count) {
            Event& event = read[count].event = {};
            const char* const next = behind_line(at, event);
            ++place.line;
            if (next == nullptr || next - at > limits.line_bytes_max) return false;
            if (place.line > limits.events_max) return false;
            read[count].place = place;
            operations.expect(event);
            place.offset += next - at;
            at = next;
        }
        for (std::size_t i = 0; i < count; ++i) {
            if (!operations.add(read[i].event, read[i].place)) return false;
        }
    }
    return true;
}

}  // namespace

bool scan_jsonl(std::string_view text, ScanLimits limits, Scanned& scanned) {
    if (text.empty()) return false;
    limits.events_max =
        std::min<std::int64_t>(limits.events_max, std::numeric_limits<std::int32_t>::max());
    // The lines that have slack behind them are read where they are, the last few from a copy.
    std::size_t whole = 0;
    if (text.size() > json::slack) {
        whole = text.substr(0, text.size() - json::slack).rfind('\n') + 1;  // npos + 1 is 0
    }
    const std::string_view rest = text.substr(whole);
    scanned.tail.reserve(rest.size() + 1 + json::slack);
    scanned.tail = rest;
    if (scanned.tail.empty() || scanned.tail.back() != '\n') scanned.tail += '\n';
    const std::size_t tail = scanned.tail.size();
    scanned.tail.append(json::slack, '\n');
    Place place;
    return scan_lines(text.substr(0, whole), limits, place, scanned.operations) &&
           scan_lines(std::string_view(scanned.tail).substr(0, tail), limits, place,
                      scanned.operations);
}

}  // namespace holdfast
