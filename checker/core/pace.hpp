#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace holdfast {

// Asked now and then: how many configurations were visited, how far among the endpoints the search
// came, the bytes in use. Ends the search by throwing.
using Poll = std::function<void(std::int64_t, std::int32_t, std::size_t)>;

// When a search polls: every few milliseconds, whether its steps are fast or slow.
class Pace {
public:
    explicit Pace(const Poll& poll) : poll_(poll) {}

    // Counts a configuration; whether it is time to say how much memory is in use.
    bool due() {
        ++configurations_;
        return --left_ <= 0;
    }
    void report(std::int32_t at, std::size_t bytes) {
        at_ = std::max(at_, at);
        const auto now = Clock::now();
        // At the pace of the last steps, this many more take about as long as may pass.
        const double passed = std::chrono::duration<double>(now - began_).count();
        const double fitting =
            static_cast<double>(interval_) * SECONDS_MAX / std::max(passed, 1e-9);
        interval_ = std::clamp(static_cast<std::int64_t>(std::min(fitting, 1e9)), std::int64_t{1},
                               std::min(interval_ * 2, STEPS_MAX));
        left_ = interval_;
        began_ = now;
        bytes_ = bytes;
        poll_(configurations_, at_, bytes_);
    }
    // The model is about to be asked, which may take long: polls if that is due by the clock.
    // bytes_min: what is in use at least.
    void before_asking(std::size_t bytes_min) {
        if (Clock::now() - began_ >= std::chrono::duration<double>(SECONDS_MAX)) {
            report(at_, std::max(bytes_, bytes_min));
        }
    }
    std::int64_t configurations() const { return configurations_; }

private:
    using Clock = std::chrono::steady_clock;
    static constexpr double SECONDS_MAX = 0.01;
    static constexpr std::int64_t STEPS_MAX = 4096;
    static constexpr std::int64_t FIRST_STEPS = 256;

    const Poll& poll_;
    Clock::time_point began_ = Clock::now();
    std::int64_t configurations_ = 0;
    std::int64_t interval_ = FIRST_STEPS;
    std::int64_t left_ = FIRST_STEPS;
    std::int32_t at_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace holdfast
