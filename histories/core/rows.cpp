#include "rows.hpp"

#include <cstddef>
#include <cstring>
#include <stdexcept>

namespace holdfast {

namespace {

struct Row {
    std::uint64_t front = 0;
    std::uint64_t back = 0;
    bool operator==(const Row&) const = default;

    std::uint64_t hash() const {
        std::uint64_t mixed = front * 0x9e3779b97f4a7c15ULL ^ (back + (front >> 32));
        mixed = (mixed ^ (mixed >> 29)) * 0xbf58476d1ce4e5b9ULL;
        return mixed ^ (mixed >> 32);
    }
};

// A hash table with open addressing, of the numbers that rows have.
class Numbers {
public:
    // The number of a row; `next` if it is new.
    std::int32_t of(const Row& row, std::int32_t next) {
        if (used_ * 2 >= slots_.size()) grow();
        Slot& slot = find(row);
        if (slot.number < 0) {
            slot = {row, next};
            ++used_;
        }
        return slot.number;
    }

private:
    struct Slot {
        Row row;
        std::int32_t number = -1;
    };

    Slot& find(const Row& row) {
        const std::size_t mask = slots_.size() - 1;
        std::size_t place = row.hash() & mask;
        while (slots_[place].number >= 0 && slots_[place].row != row) place = (place + 1) & mask;
        return slots_[place];
    }

    void grow() {
        std::vector<Slot> before(slots_.size() * 2);
        before.swap(slots_);
        for (const Slot& slot : before) {
            if (slot.number >= 0) find(slot.row) = slot;
        }
    }

    std::vector<Slot> slots_{256};
    std::size_t used_ = 0;
};

std::uint64_t joined(std::int32_t high, std::int32_t low) {
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(high)) << 32 |
           static_cast<std::uint32_t>(low);
}

}  // namespace

NumberedRows numbered_rows(std::span<const std::int32_t> first,
                           std::span<const std::int32_t> second,
                           std::span<const std::int32_t> third,
                           std::span<const std::uint8_t> fourth) {
    if (second.size() != first.size() || third.size() != first.size() ||
        fourth.size() != first.size()) {
        throw std::invalid_argument("the columns differ in length");
    }
    NumberedRows found;
    found.numbers.reserve(first.size());
    Numbers numbers;
    for (std::size_t row = 0; row < first.size(); ++row) {
        const auto next = static_cast<std::int32_t>(found.firsts.size());
        const std::int32_t number =
            numbers.of({joined(first[row], second[row]), joined(third[row], fourth[row])}, next);
        if (number == next) found.firsts.push_back(static_cast<std::int32_t>(row));
        found.numbers.push_back(number);
    }
    return found;
}

std::vector<std::int32_t> kept(std::span<const std::int32_t> numbers) {
    std::vector<std::int32_t> places;
    for (std::size_t place = 0; place < numbers.size(); ++place) {
        if (numbers[place] >= 0) places.push_back(static_cast<std::int32_t>(place));
    }
    return places;
}

std::vector<std::byte> taken(std::span<const std::byte> column, std::size_t width,
                             std::span<const std::int32_t> places) {
    if (width == 0 || column.size() % width != 0) {
        throw std::invalid_argument("the column does not hold whole cells");
    }
    std::vector<std::byte> cells(places.size() * width);
    std::byte* to = cells.data();
    for (const std::int32_t place : places) {
        if (place < 0 || static_cast<std::size_t>(place) >= column.size() / width) {
            throw std::out_of_range("no such place");
        }
        std::memcpy(to, column.data() + static_cast<std::size_t>(place) * width, width);
        to += width;
    }
    return cells;
}

std::vector<std::int32_t> renumbered(std::span<const std::int32_t> endpoints,
                                     std::span<const std::int32_t> kept) {
    std::int32_t last = -1;
    for (const std::int32_t place : kept) {
        if (place <= last) throw std::invalid_argument("the places kept do not rise");
        last = place;
    }
    std::vector<std::int32_t> number(static_cast<std::size_t>(last + 1), -1);
    for (std::size_t place = 0; place < kept.size(); ++place) {
        number[static_cast<std::size_t>(kept[place])] = static_cast<std::int32_t>(place);
    }
    std::vector<std::int32_t> marks;
    marks.reserve(endpoints.size());
    for (const std::int32_t mark : endpoints) {
        const auto op = static_cast<std::size_t>(mark >= 0 ? mark : ~mark);
        if (op >= number.size() || number[op] < 0) continue;
        marks.push_back(mark >= 0 ? number[op] : ~number[op]);
    }
    return marks;
}

}  // namespace holdfast
