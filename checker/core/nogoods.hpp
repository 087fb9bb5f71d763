#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "configuration.hpp"
#include "pool.hpp"

namespace holdfast {

// Configurations from which there is no way to the goal, and why: none that can do no more has one.
// When there are very many, the oldest are forgotten, which costs time and never an answer.
template <class Mask>
class Nogoods {
public:
    using Config = Configuration<Mask>;

    // kept: how many there are before those that were there before them are forgotten.
    explicit Nogoods(std::size_t kept) : kept_(kept) {}

    // lacking: the bits of the classes whose operations of unknown outcome would have been needed
    // more often. What was used of the others does not matter.
    void add(std::uint64_t key, std::int32_t at, const Config& config, std::uint64_t lacking) {
        if (young().entries.size() >= kept_) {
            std::swap(stores_[0], stores_[1]);
            young().clear();
        }
        young().add({config, lacking, at, static_cast<std::uint32_t>(key), NONE});
    }

    // The reason why a configuration is dead, or none if that is not known.
    template <class Covers>
    const std::uint64_t* find(std::uint64_t key, std::int32_t at, Covers&& covers) const {
        for (const Store& store : stores_) {
            if (store.heads.empty()) continue;
            const auto tag = static_cast<std::uint32_t>(key);
            for (auto place = store.heads[tag & (store.heads.size() - 1)]; place != NONE;) {
                const Entry& entry = store.entries[static_cast<std::size_t>(place)];
                if (entry.tag == tag && entry.at == at && covers(entry.config, entry.lacking)) {
                    return &entry.lacking;
                }
                place = entry.next;
            }
        }
        return nullptr;
    }

    std::size_t bytes() const { return stores_[0].bytes() + stores_[1].bytes(); }

private:
    static constexpr std::int32_t NONE = -1;

    struct Entry {
        Config config;
        std::uint64_t lacking = 0;
        std::int32_t at = 0;
        std::uint32_t tag = 0;
        std::int32_t next = NONE;
    };
    struct Store {
        Pool<Entry> entries;
        std::vector<std::int32_t> heads;

        void add(Entry entry) {
            if (entries.size() >= heads.size()) grow();
            link(entry, entries.size());
            entries.push_back(std::move(entry));
        }
        void clear() {
            entries.truncate(0);
            heads.clear();
        }
        std::size_t bytes() const {
            return entries.bytes() + heads.capacity() * sizeof(heads[0]) +
                   (entries.empty() ? 0 : entries.size() * entries[0].config.heap_bytes());
        }

    private:
        void link(Entry& entry, std::size_t place) {
            std::int32_t& head = heads[entry.tag & (heads.size() - 1)];
            entry.next = std::exchange(head, static_cast<std::int32_t>(place));
        }
        void grow() {
            heads.assign(heads.empty() ? 64 : heads.size() * 4, NONE);
            for (std::size_t place = 0; place < entries.size(); ++place) {
                link(entries[place], place);
            }
        }
    };

    Store& young() { return stores_[0]; }

    std::size_t kept_;
    std::array<Store, 2> stores_;
};

}  // namespace holdfast
