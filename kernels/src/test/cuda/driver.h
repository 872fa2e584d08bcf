// What emulated libraries ask of the emulated driver.
#pragma once

#include <cstddef>

extern "C" {

// Whether the thread has a context.
int coppice_has_context();

// Has work done, with what is its own, when a stream comes to it. It is refused unless so many bytes at each address are the device's.
int coppice_enqueue(void* stream, int count, const unsigned long long* addresses, const std::size_t* bytes, void (*work)(void*), void* its);

}  // extern "C"
