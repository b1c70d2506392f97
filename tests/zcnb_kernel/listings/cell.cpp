
#include "lib.h"

int counter = 7;
static const char* words[] = {"zero", "one"};

struct Square : Shape {
    int side = 3;
    int area() const override { return side * side; }
};

int scaled(const int* values, int n) {
    int total = 0;
    for (int i = 0; i < n; ++i)
        total += lib_inlined(values[i]);
    return total;
}

int chosen(int n) {
    switch (n) {
        case 0: return counter;
        case 1: return lib_only(n);
        case 2: return words[n & 1][0];
        case 3: return scaled(&counter, 1);
        case 4: return -n;
        default: return 42;
    }
}

int main(int argc, char**) {
    Square* square = new Square;
    return chosen(argc) + square->area() + lib_only(argc);
}
