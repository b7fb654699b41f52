//! Unrolling by hand: with constant positions, the state and the message schedule live in registers and no instruction moves them about.

/// Repeats `$step!(position)` for the sixteen positions of the message schedule.
macro_rules! sixteen_times {
    ($step:ident) => {
        $step!(0);
        $step!(1);
        $step!(2);
        $step!(3);
        $step!(4);
        $step!(5);
        $step!(6);
        $step!(7);
        $step!(8);
        $step!(9);
        $step!(10);
        $step!(11);
        $step!(12);
        $step!(13);
        $step!(14);
        $step!(15);
    };
}

pub(in crate::lanes) use sixteen_times;
