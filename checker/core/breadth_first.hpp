#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "antichain.hpp"
#include "moves.hpp"

namespace holdfast {

// Follows all configurations from return to return at once. What it answers is proved, unless it is
// thrifty; its memory is that of one return's configurations and of the trails that lead to them.
template <class Mask>
class BreadthFirst {
public:
    using Config = Configuration<Mask>;

    explicit BreadthFirst(Tools& tools)
        : tools_(tools),
          scene_(tools.problem),
          moves_(tools_, scene_),
          now_(tools_, scene_),
          waiting_(tools_, scene_),
          after_(tools_, scene_),
          tidy_at_(tools.limits.trails_kept) {}

    // Whether a legal order exists. If so, survivor() ends one; else at() is the place of the
    // return that nothing survives, and dead_ends() are the configurations there.
    bool run() {
        now_.begin();
        now_.add(Config(tools_.problem.slots));
        const auto& endpoints = tools_.problem.endpoints;
        for (at_ = 0; at_ < static_cast<std::int32_t>(endpoints.size()); ++at_) {
            const std::int32_t mark = endpoints[static_cast<std::size_t>(at_)];
            if (mark >= 0) {
                invoke(mark);
            } else if (!complete(~mark)) {
                return false;
            }
        }
        return true;
    }

    const Config& survivor() const {
        std::size_t place = 0;
        while (!now_.alive(place)) ++place;
        return now_[place];
    }
    std::int32_t at() const { return at_; }
    // What is open at that place.
    const Scene<Mask>& scene() const { return scene_; }
    std::vector<Config> dead_ends(std::size_t most) const {
        std::vector<Config> ends;
        for (std::size_t place = 0; place < waiting_.size() && ends.size() < most; ++place) {
            if (waiting_.alive(place)) ends.push_back(waiting_[place]);
        }
        return ends;
    }

private:
    void invoke(std::int32_t op) {
        scene_.forward(op);
        if (!tools_.problem.returns(op) || tools_.problem.kind(op) != Kind::observes) return;
        for (std::size_t place = 0; place < now_.size(); ++place) {
            if (now_.alive(place)) moves_.observe(now_[place], op);
        }
    }

    // Takes every configuration past the return of an operation; whether any survives. They are
    // compared while that operation is still open, by what it leaves in their slots too.
    bool complete(std::int32_t op) {
        waiting_.begin();
        after_.begin();
        for (std::size_t place = 0; place < now_.size(); ++place) {
            if (now_.alive(place)) sort(now_[place], op);
        }
        for (std::size_t place = 0; place < waiting_.size(); ++place) {
            if (!waiting_.alive(place)) continue;
            if (tools_.pace.due()) report();
            const Config config = waiting_[place];
            pending_.clear();
            moves_.demand(config, pending_);
            moves_.prepare(config, pending_);
            for (const Move& move : pending_) sort(moves_.after(config, move), op);
        }
        if (after_.empty()) return false;
        std::swap(now_, after_);
        scene_.forward(~op);
        if (tools_.trail.size() >= tidy_at_) tidy();
        return true;
    }

    // Whether the operation that returns is done in a configuration decides where it goes.
    void sort(Config config, std::int32_t op) {
        if (!config.done.has(moves_.slot(op))) {
            waiting_.add(std::move(config));
        } else {
            moves_.forget(config, op);
            after_.add(std::move(config));
        }
    }

    void report() {
        tools_.pace.report(at_, now_.bytes() + waiting_.bytes() + after_.bytes() + tools_.bytes() +
                                    pending_.capacity() * sizeof(Move));
    }

    // Trails that led nowhere are forgotten whenever they have doubled.
    void tidy() {
        std::vector<std::int32_t*> live;
        for (std::size_t place = 0; place < now_.size(); ++place) {
            if (now_.alive(place)) live.push_back(&now_[place].trail);
        }
        tools_.trail.keep(live);
        tidy_at_ = std::max(tools_.limits.trails_kept, tools_.trail.size() * 2);
    }

    Tools& tools_;
    Scene<Mask> scene_;
    Moves<Mask> moves_;
    Antichain<Mask> now_;
    Antichain<Mask> waiting_;
    Antichain<Mask> after_;
    std::vector<Move> pending_;
    std::int32_t at_ = 0;
    std::size_t tidy_at_;
};

}  // namespace holdfast
