// The door between Python and what is compiled of histories: one binding per concept, no algorithm.

#include <nanobind/nanobind.h>

#include <cstddef>
#include <string_view>
#include <vector>

#include "buffer.hpp"
#include "order.hpp"
#include "rows.hpp"
#include "scan.hpp"

namespace nb = nanobind;

namespace {

template <class Number>
nb::bytes packed(const std::vector<Number>& numbers) {
    return nb::bytes(numbers.data(), numbers.size() * sizeof(Number));
}

nb::bytes endpoints(nb::handle invoked, nb::handle completed, nb::handle returns) {
    const holdfast::Buffer begins(invoked);
    const holdfast::Buffer ends(completed);
    const holdfast::Buffer returning(returns);
    std::vector<std::int32_t> marks;
    {
        const nb::gil_scoped_release released;
        marks = holdfast::endpoints(begins.as<std::int64_t>(), ends.as<std::int64_t>(),
                                    returning.as<std::uint8_t>());
    }
    return packed(marks);
}

nb::tuple numbered_rows(nb::handle first, nb::handle second, nb::handle third, nb::handle fourth) {
    const holdfast::Buffer columns[] = {holdfast::Buffer(first), holdfast::Buffer(second),
                                        holdfast::Buffer(third), holdfast::Buffer(fourth)};
    holdfast::NumberedRows found;
    {
        const nb::gil_scoped_release released;
        found =
            holdfast::numbered_rows(columns[0].as<std::int32_t>(), columns[1].as<std::int32_t>(),
                                    columns[2].as<std::int32_t>(), columns[3].as<std::uint8_t>());
    }
    return nb::make_tuple(packed(found.numbers), packed(found.firsts));
}

nb::bytes kept(nb::handle numbers) {
    return packed(holdfast::kept(holdfast::Buffer(numbers).as<std::int32_t>()));
}

nb::bytes taken(nb::handle column, std::size_t width, nb::handle places) {
    const holdfast::Buffer cells(column);
    const holdfast::Buffer at(places);
    const auto found = holdfast::taken(cells.bytes(), width, at.as<std::int32_t>());
    return nb::bytes(found.data(), found.size());
}

nb::bytes renumbered(nb::handle endpoints, nb::handle kept) {
    const holdfast::Buffer marks(endpoints);
    const holdfast::Buffer places(kept);
    return packed(holdfast::renumbered(marks.as<std::int32_t>(), places.as<std::int32_t>()));
}

nb::list listed(const holdfast::Interner& texts) {
    nb::list list = nb::steal<nb::list>(PyList_New(static_cast<Py_ssize_t>(texts.texts().size())));
    if (!list.is_valid()) throw nb::python_error();
    Py_ssize_t place = 0;
    for (const std::string_view text : texts.texts()) {
        nb::bytes copy(text.data(), text.size());
        PyList_SetItem(list.ptr(), place++, copy.release().ptr());
    }
    return list;
}

nb::object scan_jsonl(nb::handle data, std::int64_t line_bytes_max, std::int64_t events_max) {
    const holdfast::Buffer buffer(data);
    const auto bytes = buffer.bytes();
    holdfast::Scanned scanned;
    {
        const nb::gil_scoped_release released;
        const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        if (!holdfast::scan_jsonl(text, {line_bytes_max, events_max}, scanned)) {
            scanned.operations.events = 0;
        }
    }
    const auto& found = scanned.operations;
    if (found.events == 0) return nb::none();
    nb::dict columns;
    columns["invoked"] = packed(found.invoked);
    columns["completed"] = packed(found.completed);
    columns["outcome"] = packed(found.outcome);
    columns["f"] = packed(found.f);
    columns["process"] = packed(found.process);
    columns["key"] = packed(found.key);
    columns["value"] = packed(found.value);
    columns["answer"] = packed(found.answer);
    columns["begins"] = packed(found.begins);
    columns["ends"] = packed(found.ends);
    columns["line"] = packed(found.line);
    columns["functions"] = listed(found.functions);
    columns["processes"] = listed(found.processes);
    columns["keys"] = listed(found.keys);
    columns["values"] = listed(found.values);
    columns["notes"] = packed(found.notes);
    columns["note_positions"] = packed(found.note_positions);
    columns["events"] = found.events;
    columns["timed"] = found.timed;
    return columns;
}

}  // namespace

NB_MODULE(_native, core) {
    core.doc() = "What is compiled of histories: columns of numbers, and files that become such.";
    core.def("endpoints", &endpoints, nb::arg("invoked"), nb::arg("completed"), nb::arg("returns"),
             "Invocations and returns in real-time order.");
    core.def("numbered_rows", &numbered_rows, nb::arg("first"), nb::arg("second"), nb::arg("third"),
             nb::arg("fourth"), "Number the different rows of four columns.");
    core.def("kept", &kept, nb::arg("numbers"), "The places of the numbers that are not negative.");
    core.def("taken", &taken, nb::arg("column"), nb::arg("width"), nb::arg("places"),
             "The cells of a column at some places.");
    core.def("renumbered", &renumbered, nb::arg("endpoints"), nb::arg("kept"),
             "Endpoints of the operations kept, numbered anew.");
    core.def("scan_jsonl", &scan_jsonl, nb::arg("data").none(), nb::arg("line_bytes_max"),
             nb::arg("events_max"), "The columns of a recording, or None where it is not sure.");
}
