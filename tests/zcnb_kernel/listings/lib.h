#pragma once
template <class T> struct Pair { T first, second; };
template <class T> __attribute__((noinline)) T lib_only(T v) { return v * v + 1; }
inline int lib_inlined(int v) { return v ^ 0x55; }
struct Shape { virtual ~Shape() {} virtual int area() const { return 0; } };
