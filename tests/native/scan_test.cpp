// The scan of a recording: what it tells of one, and random accidents to another.

#include "scan.hpp"

#include <cstddef>
#include <random>
#include <string>

#include "check.hpp"
#include "scan_case.hpp"

namespace {

const std::string recording =
    "{\"index\":0,\"time\":5,\"type\":\"invoke\",\"process\":0,\"f\":\"acquire\",\"key\":\"k\"}\n"
    "{\"index\":1,\"time\":6,\"type\":\"invoke\",\"process\":\"b\",\"f\":\"read\",\"value\":[1]}\n"
    "{\"time\":7,\"type\":\"info\",\"process\":\"nemesis\",\"f\":\"kill\",\"more\":{\"a\":[]}}\n"
    "{\"index\":2,\"time\":7,\"type\":\"fail\",\"process\":\"b\",\"f\":\"read\",\"error\":\"e\"}\n"
    "{\"index\":3,\"time\":9,\"type\":\"ok\",\"process\":0,\"f\":\"acquire\",\"value\":-1.5e3,"
    "\"key\":\"k\",\"node\":\"n\\u00e9\xc3\xa9\"}\n";

void columns_of_a_recording() {
    holdfast::Scanned scanned;
    require(holdfast::scan_jsonl(recording, scan_limits, scanned), "it is taken");
    const auto& found = scanned.operations;
    require(found.timed && found.events == 5, "five events, timed");
    require(found.invoked == std::vector<std::int64_t>{5, 6}, "invoked");
    require(found.completed == std::vector<std::int64_t>{9, 7}, "completed");
    require(found.outcome == std::vector<std::uint8_t>{0, 1}, "outcome");
    require(found.key == std::vector<std::int32_t>{1, 0}, "key");
    require(found.value == std::vector<std::int32_t>{0, 1}, "value");
    require(found.answer == std::vector<std::int32_t>{3, 2}, "answer");
    require(found.values[1] == "[1]" && found.values[2] == "\"e\"" && found.values[3] == "-1.5e3",
            "values");
    require(found.processes[0] == "0" && found.processes[1] == "\"b\"", "processes");
    require(found.note_positions == std::vector<std::int64_t>{2}, "notes");
}

void limits() {
    const std::string line = "{\"type\":\"invoke\",\"process\":0,\"f\":\"read\"}\n";
    const auto size = static_cast<std::int64_t>(line.size());
    for (const auto& [limits, taken] : {std::pair{holdfast::ScanLimits{size, 1}, true},
                                        std::pair{holdfast::ScanLimits{size - 1, 1}, false},
                                        std::pair{holdfast::ScanLimits{size, 0}, false},
                                        std::pair{holdfast::ScanLimits{-1, -1}, false}}) {
        holdfast::Scanned scanned;
        require(holdfast::scan_jsonl(line, limits, scanned) == taken, "limits");
    }
}

void cut_anywhere() {
    for (std::size_t size = 0; size <= recording.size(); ++size) {
        // The last line is whole even without its line break.
        const bool whole = size > 0 && (recording[size - 1] == '\n' || recording[size] == '\n');
        require(check_scan(recording.substr(0, size)) == whole, "cut at " + std::to_string(size));
    }
}

void random_accidents() {
    std::mt19937_64 random(1);
    const std::string marks = "\",:{}[]\\ue019-+.\n\x80\xe2\xed\xf0";
    int taken = 0;
    for (int round = 0; round < 50'000; ++round) {
        std::string text = recording;
        for (auto accidents = 1 + random() % 2; accidents > 0; --accidents) {
            const std::size_t at = random() % text.size();
            const std::size_t length = random() % 8;
            switch (random() % 3) {
                case 0:
                    text[at] = marks[random() % marks.size()];
                    break;
                case 1:
                    text.erase(at, length);
                    break;
                default:
                    text.insert(random() % text.size(), text.substr(at, length));
            }
        }
        taken += check_scan(text) ? 1 : 0;
    }
    require(taken > 1'000, "only " + std::to_string(taken) + " are taken");
}

}  // namespace

int main() {
    columns_of_a_recording();
    limits();
    cut_anywhere();
    random_accidents();
}
