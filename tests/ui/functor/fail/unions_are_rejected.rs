#[derive(pasha::Functor)]
union Either {
    _a: u8,
    _b: u16,
}

fn main() {}
