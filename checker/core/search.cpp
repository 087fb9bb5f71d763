#include "search.hpp"

#include <utility>

#include "breadth_first.hpp"
#include "depth_first.hpp"
#include "impossible.hpp"

namespace holdfast {

namespace {

constexpr std::size_t DEAD_ENDS_SHOWN = 8;

// One search, from what is cheap to what is thorough.
template <class Mask>
class Strategy {
public:
    Strategy(const Problem& problem, Table& table, Shortcuts shortcuts, const Limits& limits,
             const Poll& poll)
        : problem_(problem),
          table_(table),
          shortcuts_(shortcuts),
          limits_(limits),
          pace_(poll),
          lease_(table, problem.class_kind.size(), [this] { pace_.before_asking(table_.bytes()); }),
          impossible_(problem, table, shortcuts, limits, pace_) {}

    Answer run(std::int64_t patience) {
        if (patience == 0 || !guess(patience)) follow(Unknowns::exact, 0);
        answer_.configurations = pace_.configurations();
        return std::move(answer_);
    }

private:
    static constexpr int FEW_OPEN = 16;
    static constexpr std::int64_t HASTE = 16;
    static constexpr std::int64_t PERSISTENCE = 32;

    // Looks for an answer in ways that find one soon if at all; whether one did.
    bool guess(std::int64_t patience) {
        return reach(patience) || follow(Unknowns::thrifty, patience * PERSISTENCE);
    }

    // Explains as much as a greedy search can; whether that was enough for an answer.
    bool reach(std::int64_t patience) {
        const auto end = static_cast<std::int32_t>(problem_.endpoints.size());
        Tools tools{problem_, table_, shortcuts_, limits_, pace_};
        DepthFirst<Mask> depth(tools, Scene<Mask>(problem_), 0, end);
        depth.from(Configuration<Mask>(problem_.slots));
        // Where little is open, the thrifty way is not long, and often the better one.
        const std::int64_t persistence = problem_.slots <= FEW_OPEN ? 8 : 256;
        std::int32_t latest = -1;
        std::int32_t survived = -1;
        for (std::int64_t left = 1 + patience / HASTE; depth.run(left) == Outcome::stalled;) {
            const std::int32_t deepest = depth.deepest();
            if (deepest != survived) {
                const Outcome beyond =
                    impossible_(depth.scene_at(deepest), deepest, left * PERSISTENCE);
                if (beyond == Outcome::exhausted) break;
                if (beyond == Outcome::reached) survived = deepest;
            }
            if (deepest == latest) left *= 2;
            latest = deepest;
            if (left > patience * persistence) return false;
        }
        settle(tools, depth.furthest(), depth.deepest());
        return true;
    }

    // Follows configurations from return to return; whether that proves anything.
    bool follow(Unknowns unknowns, std::int64_t patience) {
        Tools tools{problem_, table_, shortcuts_, limits_, pace_, unknowns};
        BreadthFirst<Mask> breadth(tools);
        if (breadth.run()) {
            settle(tools, breadth.survivor(), breadth.at());
            return true;
        }
        if (unknowns == Unknowns::thrifty &&
            impossible_(breadth.scene(), breadth.at(), patience) != Outcome::exhausted) {
            return false;
        }
        for (const auto& end : breadth.dead_ends(DEAD_ENDS_SHOWN)) settle(tools, end, breadth.at());
        return true;
    }

    // Notes a configuration at the place that was reached: it ends a legal order, or is a dead end.
    void settle(const Tools& tools, const Configuration<Mask>& config, std::int32_t reached) {
        auto order = tools.trail.order(config.trail, problem_);
        answer_.linearizable = reached == static_cast<std::int32_t>(problem_.endpoints.size());
        if (answer_.linearizable) {
            answer_.order = std::move(order);
        } else {
            answer_.completion = ~problem_.endpoints[static_cast<std::size_t>(reached)];
            answer_.dead_ends.push_back({std::move(order), config.state});
        }
    }

    const Problem& problem_;
    Table& table_;
    Shortcuts shortcuts_;
    const Limits& limits_;
    Pace pace_;
    Table::Lease lease_;
    Impossible<Mask> impossible_;
    Answer answer_;
};

}  // namespace

Answer search(const Problem& problem, Table& table, Shortcuts shortcuts, const Poll& poll,
              std::int64_t patience, const Limits& limits) {
    return problem.slots <= 64
               ? Strategy<SmallMask>(problem, table, shortcuts, limits, poll).run(patience)
               : Strategy<WideMask>(problem, table, shortcuts, limits, poll).run(patience);
}

}  // namespace holdfast
