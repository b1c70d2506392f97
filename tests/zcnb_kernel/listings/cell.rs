
static WORDS: [&str; 2] = ["zero", "one"];

#[inline(never)]
fn total(values: &[u32]) -> u32 {
    let mut sum = 0;
    for value in values {
        sum += value ^ 0x55;
    }
    sum
}

#[no_mangle]
pub extern "C" fn chosen(n: u32) -> u32 {
    WORDS[(n & 1) as usize].len() as u32 + total(&[n, 2, 3])
}

fn main() {
    std::process::exit(chosen(3) as i32);
}
