#[derive(pasha::Functor)]
#[functor(name = Shot, axis = 1)]
struct Shots {
    #[functor(axes = 1)]
    _train_id: Vec<u64>,
    #[functor(item = Pixel)]
    _pixels: Vec<u16>,
    #[functor = "skip"]
    _comment: Vec<u8>,
    #[functor(skip = true)]
    _other: String,
}

#[derive(pasha::Functor)]
enum Frames {
    #[functor(skip)]
    Memory(Vec<f64>),
}

fn main() {}
