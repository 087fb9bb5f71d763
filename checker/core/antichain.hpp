#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "moves.hpp"
#include "pool.hpp"

namespace holdfast {

// Configurations at one return, none of which can do all that another can.
template <class Mask>
class Antichain {
public:
    using Config = Configuration<Mask>;

    Antichain(const Tools& tools, const Scene<Mask>& scene)
        : tools_(&tools), scene_(&scene), heads_(16, {0, NONE}) {}

    // Empties it for another return.
    void begin() {
        entries_.truncate(0);
        ++generation_;
        alive_ = 0;
    }

    // Adds a configuration unless another one does; drops those that it does.
    void add(Config config) {
        const std::uint64_t key = hash(config);
        if (entries_.size() * 2 >= heads_.size()) grow();
        Head& head = heads_[key & (heads_.size() - 1)];
        if (head.generation != generation_) head = {generation_, NONE};
        for (std::int32_t at = head.first; at != NONE; at = entry(at).next) {
            Entry& other = entry(at);
            if (!other.alive || other.key != key) continue;
            if (does(other.config, config)) return;
            if (does(config, other.config)) {
                other.alive = false;
                --alive_;
            }
        }
        entries_.push_back({std::move(config), key, head.first, true});
        head.first = static_cast<std::int32_t>(entries_.size()) - 1;
        ++alive_;
    }

    std::size_t size() const { return entries_.size(); }
    bool empty() const { return alive_ == 0; }
    bool alive(std::size_t place) const { return entries_[place].alive; }
    const Config& operator[](std::size_t place) const { return entries_[place].config; }
    Config& operator[](std::size_t place) { return entries_[place].config; }
    std::size_t bytes() const {
        return entries_.bytes() + heads_.size() * sizeof(Head) +
               (entries_.empty() ? 0 : entries_.size() * entries_[0].config.heap_bytes());
    }

private:
    static constexpr std::int32_t NONE = -1;
    struct Entry {
        Config config;
        std::uint64_t key = 0;
        std::int32_t next = NONE;
        bool alive = false;
    };
    struct Head {
        std::uint32_t generation;
        std::int32_t first;
    };

    Entry& entry(std::int32_t at) { return entries_[static_cast<std::size_t>(at)]; }

    std::uint64_t hash(const Config& config) const {
        const Mask mask = tools_->shortcuts.dominance ? compared(config, *scene_) : config.done;
        return mixed(mask.hash() * 31 + static_cast<std::uint64_t>(config.state));
    }

    // Whether whatever the second can still do, the first can do as well.
    bool does(const Config& first, const Config& second) const {
        if (first.state != second.state) return false;
        if (!tools_->shortcuts.dominance) return same(first, second);
        if (!(compared(first, *scene_) == compared(second, *scene_))) return false;
        if (!covers(first, second, *scene_)) return false;
        if (tools_->unknowns == Unknowns::thrifty) {
            return tools_->used.total(first.used) <= tools_->used.total(second.used);
        }
        return tools_->used.within(first.used, second.used);
    }

    void grow() {
        heads_.assign(heads_.size() * 4, {0, NONE});
        generation_ = 1;
        for (std::size_t at = 0; at < entries_.size(); ++at) {
            Head& head = heads_[entries_[at].key & (heads_.size() - 1)];
            if (head.generation != generation_) head = {generation_, NONE};
            entries_[at].next = head.first;
            head.first = static_cast<std::int32_t>(at);
        }
    }

    const Tools* tools_;  // pointers, so that antichains can be swapped
    const Scene<Mask>* scene_;
    Pool<Entry> entries_;
    std::vector<Head> heads_;
    std::uint32_t generation_ = 0;
    std::size_t alive_ = 0;
};

}  // namespace holdfast
