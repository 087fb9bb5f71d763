#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace holdfast {

// A set of slots in one machine word: enough for 64 operations open at once, and the usual case.
class SmallMask {
public:
    explicit SmallMask(int = 0) {}
    bool has(int slot) const { return (bits_ >> slot) & 1; }
    void add(int slot) { bits_ |= std::uint64_t{1} << slot; }
    void remove(int slot) { bits_ &= ~(std::uint64_t{1} << slot); }
    bool within(const SmallMask& other) const { return (bits_ & ~other.bits_) == 0; }
    SmallMask both(const SmallMask& other) const { return SmallMask(bits_ & other.bits_, 0); }
    SmallMask but(const SmallMask& other) const { return SmallMask(bits_ & ~other.bits_, 0); }
    SmallMask either(const SmallMask& other) const { return SmallMask(bits_ | other.bits_, 0); }
    template <class Visit>
    void each(Visit&& visit) const {
        for (std::uint64_t left = bits_; left != 0; left &= left - 1) {
            visit(std::countr_zero(left));
        }
    }
    bool operator==(const SmallMask&) const = default;
    std::uint64_t hash() const { return bits_; }
    std::size_t heap_bytes() const { return 0; }

private:
    SmallMask(std::uint64_t bits, int) : bits_(bits) {}
    std::uint64_t bits_ = 0;
};

// A set of any number of slots, for histories with more operations open at once.
class WideMask {
public:
    explicit WideMask(int slots = 0) : words_((static_cast<std::size_t>(slots) + 63) / 64) {}
    bool has(int slot) const { return (words_[index(slot)] >> (slot & 63)) & 1; }
    void add(int slot) { words_[index(slot)] |= bit(slot); }
    void remove(int slot) { words_[index(slot)] &= ~bit(slot); }
    bool within(const WideMask& other) const {
        for (std::size_t i = 0; i < words_.size(); ++i) {
            if ((words_[i] & ~other.words_[i]) != 0) return false;
        }
        return true;
    }
    WideMask both(const WideMask& other) const {
        WideMask result = *this;
        for (std::size_t i = 0; i < words_.size(); ++i) result.words_[i] &= other.words_[i];
        return result;
    }
    WideMask but(const WideMask& other) const {
        WideMask result = *this;
        for (std::size_t i = 0; i < words_.size(); ++i) result.words_[i] &= ~other.words_[i];
        return result;
    }
    WideMask either(const WideMask& other) const {
        WideMask result = *this;
        for (std::size_t i = 0; i < words_.size(); ++i) result.words_[i] |= other.words_[i];
        return result;
    }
    template <class Visit>
    void each(Visit&& visit) const {
        for (std::size_t i = 0; i < words_.size(); ++i) {
            for (std::uint64_t left = words_[i]; left != 0; left &= left - 1) {
                visit(static_cast<int>(i * 64) + std::countr_zero(left));
            }
        }
    }
    bool operator==(const WideMask&) const = default;
    std::uint64_t hash() const {
        std::uint64_t result = 0;
        for (const std::uint64_t word : words_) {
            result = (result ^ word) * 0x9e3779b97f4a7c15ULL;
            result ^= result >> 29;
        }
        return result;
    }
    std::size_t heap_bytes() const { return words_.size() * sizeof(std::uint64_t); }

private:
    static std::size_t index(int slot) { return static_cast<std::size_t>(slot) / 64; }
    static std::uint64_t bit(int slot) { return std::uint64_t{1} << (slot & 63); }
    std::vector<std::uint64_t> words_;
};

// A hash of a number, in all of whose bits each bit of the number counts.
inline std::uint64_t mixed(std::uint64_t value) {
    value ^= value >> 32;
    value *= 0xd6e8feb86659fd93ULL;
    value ^= value >> 32;
    value *= 0xd6e8feb86659fd93ULL;
    return value ^ (value >> 32);
}

}  // namespace holdfast
