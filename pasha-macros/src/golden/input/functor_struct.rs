#[derive(Functor)]
pub struct Shots<'a> {
    train_id: Vec<u64>,
    /// What the camera saw.
    #[functor(axis = 1)]
    pixels: ArrayView3<'a, u16>,
    #[functor(broadcast)]
    gain: f64,
    #[functor(skip)]
    comment: String,
    pulses: Pulses,
}
