#pragma once

#include <bit>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace holdfast {

// A growing array that never moves what it holds: each block is as large as all before it. So it
// never needs twice its memory, and costs nothing while it is small.
template <class Item>
class Pool {
public:
    Item& operator[](std::size_t place) {
        const std::size_t shifted = place + FIRST;
        const auto block = static_cast<std::size_t>(std::bit_width(shifted)) - FIRST_WIDTH;
        return blocks_[block][shifted - (FIRST << block)];
    }
    const Item& operator[](std::size_t place) const { return const_cast<Pool&>(*this)[place]; }
    Item& back() { return (*this)[size_ - 1]; }

    void push_back(Item item) {
        if (size_ == capacity_) {
            const std::size_t length = FIRST << blocks_.size();
            blocks_.push_back(std::make_unique_for_overwrite<Item[]>(length));
            capacity_ += length;
        }
        (*this)[size_++] = std::move(item);
    }
    void pop_back() { --size_; }
    void truncate(std::size_t size) { size_ = size; }
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    // What has been written to: what is reserved beyond takes no memory yet.
    std::size_t bytes() const { return size_ * sizeof(Item); }

private:
    static constexpr std::size_t FIRST = 64;
    static constexpr std::size_t FIRST_WIDTH = 7;
    std::vector<std::unique_ptr<Item[]>> blocks_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace holdfast
