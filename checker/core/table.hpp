#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "mask.hpp"

namespace holdfast {

using State = std::int32_t;
inline constexpr State REFUSED = -1;

// The model as a table of integers, filled as it is asked: next(state, class) is a state or
// REFUSED. It outlives a search, so that the next one asks nothing twice; classes may be added in
// between.
class Table {
public:
    // Asks the model what it has not been asked before.
    using Ask = std::function<State(State, std::int32_t)>;

    explicit Table(Ask ask) : ask_(std::move(ask)), rows_(1) {}
    Table(const Table&) = delete;
    Table& operator=(const Table&) = delete;

    // Held by the one search that uses the table. Throws std::logic_error if another one does.
    // before_asking: called whenever the model is about to be asked, which may take long.
    class Lease {
    public:
        Lease(
            Table& table, std::size_t classes, std::function<void()> before_asking = [] {})
            : table_(table) {
            if (table.leased_.exchange(true)) {
                throw std::logic_error("a table serves one search at a time");
            }
            table.begin(classes);
            table.before_asking_ = std::move(before_asking);
        }
        ~Lease() {
            table_.before_asking_ = [] {};
            table_.leased_ = false;
        }
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;

    private:
        Table& table_;
    };

    State next(State state, std::int32_t cls) {
        const Row& row = rows_[static_cast<std::size_t>(state)];
        if (static_cast<std::uint32_t>(cls) >= row.width) return look_up(state, cls);
        State& known = row.next[static_cast<std::size_t>(cls)];
        if (known == UNASKED) known = asked(state, cls);
        return known;
    }

    // The number of a state in this search, in the order in which it is asked for. What a search
    // makes of these does not depend on what others asked before.
    State local(State state) {
        Row& row = rows_[static_cast<std::size_t>(state)];
        if (row.search != search_) {
            row.search = search_;
            row.local = locals_++;
        }
        return row.local;
    }
    // How many states have such a number.
    State locals() const { return locals_; }

    // How many states are known, which are numbered as they are met.
    State states() const { return states_; }
    std::size_t bytes() const {
        return rows_.capacity() * sizeof(Row) + dense_ * sizeof(State) +
               filled_rows_ * ALLOCATION_BYTES + sparse_.capacity() * sizeof(Entry);
    }

private:
    static constexpr State UNASKED = -2;
    // Rows hold the classes that were there first, and are whole while there are few of them; what
    // lies beyond is kept by the entry.
    static constexpr std::size_t ROW_MAX = 256;
    static constexpr std::size_t DENSE_ENTRIES_MAX = std::size_t{1} << 22;
    static constexpr std::size_t ALLOCATION_BYTES = 16;
    static constexpr std::uint64_t FREE = ~std::uint64_t{0};

    struct Row {
        std::unique_ptr<State[]> next;
        std::uint32_t width = 0;
        std::uint32_t search = 0;
        State local = 0;
    };
    struct Entry {
        std::uint64_t key = FREE;
        State next = UNASKED;
    };

    void begin(std::size_t classes) {
        classes_ = std::max(classes_, classes);
        ++search_;
        locals_ = 0;
    }

    State look_up(State state, std::int32_t cls) {
        const std::size_t width = std::min(classes_, ROW_MAX);
        Row& row = rows_[static_cast<std::size_t>(state)];
        if (static_cast<std::size_t>(cls) < width && dense_ + width <= DENSE_ENTRIES_MAX) {
            widen(row, width);
            return next(state, cls);
        }
        const auto key =
            (static_cast<std::uint64_t>(state) << 32) | static_cast<std::uint32_t>(cls);
        if (entries_ * 2 >= sparse_.size()) grow();
        const std::size_t place = find(key);
        if (sparse_[place].key == FREE) {
            const State answer = asked(state, cls);
            sparse_[place] = {key, answer};
            ++entries_;
        }
        return sparse_[place].next;
    }

    void widen(Row& row, std::size_t width) {
        auto wider = std::make_unique<State[]>(width);
        std::copy_n(row.next.get(), row.width, wider.get());
        std::fill(wider.get() + row.width, wider.get() + width, UNASKED);
        filled_rows_ += row.width == 0 ? 1 : 0;
        dense_ += width - row.width;
        row.next = std::move(wider);
        row.width = static_cast<std::uint32_t>(width);
    }

    // Where the key is, or belongs.
    std::size_t find(std::uint64_t key) const {
        std::size_t place = mixed(key) & (sparse_.size() - 1);
        while (sparse_[place].key != key && sparse_[place].key != FREE) {
            place = (place + 1) & (sparse_.size() - 1);
        }
        return place;
    }

    void grow() {
        std::vector<Entry> before(std::max<std::size_t>(64, sparse_.size() * 2));
        std::swap(before, sparse_);
        for (const Entry& entry : before) {
            if (entry.key != FREE) sparse_[find(entry.key)] = entry;
        }
    }

    State asked(State state, std::int32_t cls) {
        before_asking_();
        const State answer = ask_(state, cls);
        if (answer < REFUSED || answer > states_) throw std::invalid_argument("no such state");
        if (answer == states_) {
            rows_.emplace_back();
            states_ = states_ + 1;
        }
        return answer;
    }

    Ask ask_;
    std::function<void()> before_asking_ = [] {};
    std::vector<Row> rows_;  // by state
    std::vector<Entry> sparse_;
    std::size_t entries_ = 0;
    std::size_t classes_ = 0;
    std::size_t dense_ = 0;
    std::size_t filled_rows_ = 0;
    std::uint32_t search_ = 0;
    State locals_ = 0;
    std::atomic<State> states_ = 1;  // may be looked at while a search goes on
    std::atomic<bool> leased_ = false;
};

}  // namespace holdfast
