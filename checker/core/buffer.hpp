#pragma once

#include <nanobind/nanobind.h>

#include <cstddef>
#include <span>

namespace holdfast {

// Holds the bytes of a Python object (bytes, memoryview, array, mmap, ...) for as long as it lives.
// Made and destroyed with the GIL; the bytes may be read without it.
class Buffer {
public:
    explicit Buffer(nanobind::handle source) {
        if (PyObject_GetBuffer(source.ptr(), &view_, PyBUF_SIMPLE) != 0) {
            throw nanobind::python_error();
        }
    }
    ~Buffer() { PyBuffer_Release(&view_); }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;

    std::span<const std::byte> bytes() const {
        return {static_cast<const std::byte*>(view_.buf), static_cast<std::size_t>(view_.len)};
    }

private:
    Py_buffer view_{};
};

}  // namespace holdfast
