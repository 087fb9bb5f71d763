#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

#include "moves.hpp"
#include "nogoods.hpp"

namespace holdfast {

enum class Outcome {
    reached,    // the goal
    exhausted,  // there is no way to it
    stalled,    // it took too long without progress
};

// Looks for a way to a place among the endpoints, from one or several configurations: greedily, so
// that it finds one fast where there is one, and learning from dead ends, so that it also comes to
// an end where there is none.
template <class Mask>
class DepthFirst {
public:
    using Config = Configuration<Mask>;

    // scene: what is open at the place at which the search starts.
    // goal: the place before which all that returns must be explained.
    DepthFirst(Tools& tools, Scene<Mask> scene, std::int32_t start, std::int32_t goal)
        : tools_(tools),
          goal_(goal),
          start_(start),
          at_(start),
          scene_(std::move(scene)),
          moves_(tools_, scene_),
          nogoods_(tools.limits.nogoods_kept),
          furthest_(tools.problem.slots),
          tidy_at_(tools.limits.trails_kept) {}

    // Another configuration to start from.
    void from(Config config) { roots_.push_back(std::move(config)); }

    // Goes on until patience configurations brought no progress.
    // states_max: how many states of the model may be met before it gives up. Without it a search
    // that lets operations take effect any number of times would not end where the model's states
    // do not.
    Outcome run(std::int64_t patience, State states_max = ENDLESS) {
        patience_ = patience;
        deadline_ = configurations_ + patience;
        while (true) {
            if (frames_.empty()) {
                if (roots_.empty()) return Outcome::exhausted;
                Config root = std::move(roots_.back());
                roots_.pop_back();
                rewind(start_);
                if (enter(std::move(root))) return Outcome::reached;
                continue;
            }
            Frame& frame = frames_.back();
            if (frame.next == pending_.size() && !refill(frame)) {
                fail();
                continue;
            }
            if (configurations_ >= deadline_ || tools_.table.locals() > states_max) {
                return Outcome::stalled;
            }
            ++configurations_;
            if (tools_.pace.due()) report();
            const Move move = pending_[frame.next++];
            if (frame.next == pending_.size()) {
                pending_.resize(frame.first);
                frame.next = frame.first;
            }
            if (enter(moves_.after(frame.config, move))) return Outcome::reached;
        }
    }

    // The configuration that came furthest, and its place: up to there it explains all that
    // returned.
    const Config& furthest() const { return furthest_; }
    std::int32_t deepest() const { return deepest_; }
    // What is open at a place before the one at which the search stands.
    Scene<Mask> scene_at(std::int32_t place) const {
        Scene<Mask> scene = scene_;
        for (std::int32_t at = at_; at > place;) scene.back(endpoint(--at));
        for (std::int32_t at = at_; at < place; ++at) scene.forward(endpoint(at));
        return scene;
    }

private:
    static constexpr State ENDLESS = std::numeric_limits<State>::max();

    struct Frame {
        Config config;
        std::int32_t at = 0;
        bool helped = false;         // whether the open operations that help were listed
        bool prepared = false;       // whether all moves were listed
        std::uint32_t first = 0;     // its moves among those pending
        std::uint32_t next = 0;      // the move that comes next
        std::uint32_t rests_on = 0;  // the lowest frame on whose failure what failed here rests
        std::uint64_t lacking = 0;   // see Nogoods
    };

    std::int32_t endpoint(std::int32_t at) const {
        return tools_.problem.endpoints[static_cast<std::size_t>(at)];
    }

    // Lists what can come next: first what lets the demanded operation take effect; of that, first
    // what must return soonest, then the unknown ones of which most are left. Most frames never
    // need more than the demanded operation.
    bool refill(Frame& frame) {
        if (frame.prepared) return false;
        const std::int32_t demanded = tools_.problem.cls(scene_.open().front());
        const auto helps = [&](const Move& move) {
            return tools_.table.next(move.state, demanded) != REFUSED;
        };
        if (!frame.helped) {
            frame.helped = true;
            moves_.prepare_open(frame.config, pending_);
            const auto first = pending_.begin() + static_cast<std::ptrdiff_t>(frame.first);
            pending_.erase(std::remove_if(first, pending_.end(), std::not_fn(helps)),
                           pending_.end());
            if (frame.next < pending_.size()) return true;
        }
        frame.prepared = true;
        frame.lacking |= moves_.prepare(frame.config, pending_);
        const auto left = [&](const Move& move) {
            if (move.step != Trail::Step::unknown) return std::numeric_limits<std::int32_t>::max();
            return scene_.unknown(move.what) - tools_.used.count(frame.config.used, move.what);
        };
        std::stable_sort(
            pending_.begin() + static_cast<std::ptrdiff_t>(frame.first), pending_.end(),
            [&](const Move& one, const Move& other) { return left(one) > left(other); });
        const auto first = pending_.begin() + static_cast<std::ptrdiff_t>(frame.first);
        const auto tried = [&](const Move& move) {
            return move.step == Trail::Step::linearize && helps(move);
        };
        pending_.erase(std::remove_if(first, pending_.end(), tried), pending_.end());
        std::stable_partition(first, pending_.end(), helps);
        return frame.next < pending_.size();
    }

    // Goes on from a configuration where the scene stands, unless it is known to be dead; whether
    // it comes to the goal.
    bool enter(Config config) {
        if (advance(config)) return true;
        tools_.table.local(config.state);
        if (known(config)) {
            if (!frames_.empty()) rewind(frames_.back().at);
            return false;
        }
        const auto first = static_cast<std::uint32_t>(pending_.size());
        moves_.demand(config, pending_);
        const auto own = static_cast<std::uint32_t>(frames_.size());
        frames_.push_back({std::move(config), at_, false, false, first, first, own, 0});
        return false;
    }

    // Leaves the last frame, in which nothing is left to try.
    void fail() {
        Frame frame = std::move(frames_.back());
        frames_.pop_back();
        pending_.resize(frame.first);
        const bool rests = frame.rests_on < frames_.size();
        // What failed only because a frame before it had been there is dead if that frame is; which
        // classes that will lack is not known yet. So it is learnt only where none can lack.
        if (!rests || tools_.unknowns == Unknowns::lenient) {
            nogoods_.add(key(frame.config), at_, frame.config, frame.lacking);
            latest_nogood_ = std::max(latest_nogood_, at_);
        }
        if (frames_.empty()) return;
        Frame& before = frames_.back();
        before.lacking |= frame.lacking;
        if (rests) before.rests_on = std::min(before.rests_on, frame.rests_on);
        rewind(before.at);
    }

    // Goes on to the next return of an operation that has not taken effect; whether there is none.
    bool advance(Config& config) {
        for (; at_ < goal_; ++at_) {
            const std::int32_t mark = endpoint(at_);
            if (mark < 0) {
                if (!config.done.has(moves_.slot(~mark))) break;
                moves_.forget(config, ~mark);
            }
            scene_.forward(mark);
            if (mark >= 0 && tools_.problem.returns(mark) &&
                tools_.problem.kind(mark) == Kind::observes) {
                moves_.observe(config, mark);
            }
        }
        if (at_ > deepest_) {
            deepest_ = at_;
            furthest_ = config;
            deadline_ = configurations_ + patience_;
        }
        return at_ == goal_;
    }

    void rewind(std::int32_t to) {
        while (at_ > to) scene_.back(endpoint(--at_));
    }

    // Whether nothing can come of a configuration that does not come of another.
    bool known(const Config& config) {
        for (std::size_t place = frames_.size(); place-- > 0;) {
            const Frame& frame = frames_[place];
            if (frame.at != at_) break;
            if (same_otherwise(frame.config, config) && does(frame.config, config, UsedSets::ALL)) {
                Frame& last = frames_.back();
                last.rests_on = std::min(last.rests_on, static_cast<std::uint32_t>(place));
                return true;
            }
        }
        if (at_ > latest_nogood_) return false;
        const auto* lacking =
            nogoods_.find(key(config), at_, [&](const Config& dead, std::uint64_t bits) {
                return same_otherwise(dead, config) && does(dead, config, bits);
            });
        if (lacking == nullptr) return false;
        if (!frames_.empty()) frames_.back().lacking |= *lacking;
        return true;
    }

    bool same_otherwise(const Config& first, const Config& second) const {
        return first.state == second.state && compared(first, scene_) == compared(second, scene_);
    }
    bool does(const Config& first, const Config& second, std::uint64_t bits) const {
        if (!tools_.shortcuts.dominance) return same(first, second);
        return covers(first, second, scene_) && tools_.used.within(first.used, second.used, bits);
    }

    std::uint64_t key(const Config& config) {
        const auto wide = [](auto value) { return static_cast<std::uint64_t>(value); };
        return mixed(compared(config, scene_).hash() + wide(at_) * 0x9e3779b97f4a7c15ULL +
                     (wide(tools_.table.local(config.state)) << 40));
    }

    void report() {
        if (tools_.trail.size() >= tidy_at_) tidy();
        tools_.pace.report(deepest_, frames_.size() * (sizeof(Frame) + furthest_.heap_bytes()) +
                                         pending_.capacity() * sizeof(Move) + nogoods_.bytes() +
                                         tools_.bytes());
    }

    // Trails that led nowhere are forgotten whenever they have doubled.
    void tidy() {
        std::vector<std::int32_t*> live{&furthest_.trail};
        for (std::size_t place = 0; place < frames_.size(); ++place) {
            live.push_back(&frames_[place].config.trail);
        }
        tools_.trail.keep(live);
        tidy_at_ = std::max(tools_.limits.trails_kept, tools_.trail.size() * 2);
    }

    Tools& tools_;
    std::int32_t goal_;
    std::int32_t start_;
    std::int32_t at_;
    Scene<Mask> scene_;
    Moves<Mask> moves_;
    std::vector<Config> roots_;
    Pool<Frame> frames_;
    std::vector<Move> pending_;
    Nogoods<Mask> nogoods_;
    std::int32_t latest_nogood_ = -1;
    Config furthest_;
    std::int32_t deepest_ = -1;
    std::int64_t patience_ = 0;
    std::int64_t deadline_ = 0;
    std::int64_t configurations_ = 0;
    std::size_t tidy_at_;
};

}  // namespace holdfast
