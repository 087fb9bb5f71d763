#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "json.hpp"

namespace holdfast {

// Numbers different texts from 0, in the order in which they are first seen. It keeps no copy of
// them; behind each, json::slack bytes must be readable.
class Interner {
public:
    // What number() returns when the texts collide as if chosen to: they would take for ever.
    static constexpr std::int32_t gave_up = -1;

    explicit Interner(std::size_t slots = 1 << 10) : slots_(slots) {}

    std::int32_t number(std::string_view text) {
        if (texts_.size() * 2 >= slots_.size()) grow();
        const std::uint32_t hash = hash_of(text);
        for (std::size_t step = 0; step < patience; ++step) {
            Slot& slot = slots_[(hash + step) & (slots_.size() - 1)];
            if (slot.number == empty) {
                slot = {hash, static_cast<std::int32_t>(texts_.size())};
                texts_.push_back(text);
                return slot.number;
            }
            if (slot.hash == hash && equal(texts_[static_cast<std::size_t>(slot.number)], text)) {
                return slot.number;
            }
        }
        return gave_up;
    }

    // Has the memory fetched that number() will need, while there is something else to do.
    void expect([[maybe_unused]] std::string_view text) const {
#ifdef __GNUC__
        __builtin_prefetch(&slots_[hash_of(text) & (slots_.size() - 1)]);
#endif
    }

    std::string_view operator[](std::int32_t number) const {
        return texts_[static_cast<std::size_t>(number)];
    }
    const std::vector<std::string_view>& texts() const { return texts_; }

    static std::uint32_t hash_of(std::string_view text) {
        constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;
        const char* at = text.data();
        std::size_t left = text.size();
        std::uint64_t hash = left;
        for (; left > 8; left -= 8, at += 8) {
            hash = (hash ^ json::eight_bytes(at)) * odd;
            hash ^= hash >> 32;
        }
        hash = (hash ^ first_bytes(at, left)) * odd;
        hash = (hash ^ (hash >> 32)) * odd;
        return static_cast<std::uint32_t>(hash >> 32);
    }

private:
    struct Slot {
        std::uint32_t hash = 0;
        std::int32_t number = empty;
    };
    static constexpr std::int32_t empty = -1;
    // The table is at most half full. Of 2^24 texts the unluckiest is expected within 90 steps.
    static constexpr std::size_t patience = 256;

    // The first `count` of eight bytes, the others zero; `count` is from 0 to 8.
    static std::uint64_t first_bytes(const char* at, std::size_t count) {
        std::uint64_t bytes = 0;
        if constexpr (std::endian::native == std::endian::little) {
            if (count != 0) bytes = json::eight_bytes(at) << (8 * (8 - count));
        } else {
            std::memcpy(&bytes, at, count);
        }
        return bytes;
    }

    static bool equal(std::string_view one, std::string_view other) {
        if (one.size() != other.size()) return false;
        const char *a = one.data(), *b = other.data();
        std::size_t left = one.size();
        for (; left > 8; left -= 8, a += 8, b += 8) {
            if (json::eight_bytes(a) != json::eight_bytes(b)) return false;
        }
        return first_bytes(a, left) == first_bytes(b, left);
    }

    void grow();

    std::vector<Slot> slots_;  // as many as a power of two
    std::vector<std::string_view> texts_;
};

}  // namespace holdfast
