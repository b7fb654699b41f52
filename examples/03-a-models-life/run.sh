#!/usr/bin/env bash
# A simulated life: a model is published, tuned, merged, licensed and sold; all who are behind it are paid; then its base is recalled.

# shellcheck source-path=SCRIPTDIR source=../walk.sh
source "$(dirname "${BASH_SOURCE[0]}")/../walk.sh"

# Development accounts and whom each of them plays.
ada=0 bob=1 cleo=2 dora=3 eve=4 licensee=5 first_owner=6 second_owner=7 keeper=8
dora_address=0x90F79bf6EB2c4f870365E785982E1f101E93b906
second_owner_address=0x14dC79964da2C08b23698B3D3cc7Ca32193d9955

coin=1000000000000000000

# Prints so many basis points of an amount in wei; the amounts of this story divide without rest, and bash counts up to 9.2 coins.
part() {
    (($1 % 10000 == 0)) || die "$1 wei do not divide by 10000"
    echo $(($1 / 10000 * $2))
}

# Copies the model of the examples to a name and flips one byte of the weights, which stands for the training.
trained() {
    cp -R examples/digits-mlp/model "$scratch/$1"
    flip_byte "$scratch/$1/model.safetensors" "$2"
}

# Publishes as an account; prints the token.
publish() {
    local account=$1 verb=$2
    shift 2
    local told
    told=$(run "$verb" "$@" --royalty 5% --dev-account "$account")
    say "$told" >&2
    token_in "$told"
}

# Sells a token on the market.
sell() {
    local token=$1 price=$2 seller=$3 buyer=$4
    run market list "$token" --price "$price" --dev-account "$seller" >"$scratch/order.json"
    run market buy "$scratch/order.json" --dev-account "$buyer"
}

# Splits what a token earned, and stops the walk unless it is the amount given first.
expect_split() {
    local wanted=$1 token=$2 told amount
    told=$(run royalty distribute "$token" --dev-account "$keeper" --json)
    amount=$(amount_in "$told")
    [[ $amount == "$wanted" ]] || die "$amount wei were split instead of $wanted"
    say "split $amount wei"
}

# Takes out what an account is owed, and stops the walk unless it is the amount given first.
expect_paid() {
    local wanted=$1 who=$2 account=$3 told amount
    told=$(run royalty withdraw --dev-account "$account" --json)
    amount=$(amount_in "$told")
    [[ $amount == "$wanted" ]] || die "$who got $amount wei instead of $wanted"
    say "$who got $amount wei"
    paid=$((paid + amount))
}

amount_in() { grep -oE '"amount": *"[0-9]+"' <<<"$1" | grep -oE '[0-9]+' || die "no amount in: $1"; }

# Runs `verify "$@"` and stops the walk unless the policy refuses and the report has the words given first.
expect_refused() {
    local words=$1 report code=0
    shift
    report=$(run verify "$@") || code=$?
    say "$report"
    [[ $code == 4 ]] || die "verify ended with exit code $code instead of 4"
    grep -qF -- "$words" <<<"$report" || die "the report does not say: $words"
}

step "Four models: one byte of the weights stands for the training"
trained base 1
trained other 9
trained tune 17
trained merged 25

step "Ada publishes a base, Eve another"
base=$(publish "$ada" publish "$scratch/base" --name Base)
other=$(publish "$eve" publish "$scratch/other" --name Other)

step "Bob tunes Ada's base and promises it 10 % of what the tune earns"
tune=$(publish "$bob" derive "$scratch/tune" --name Tune --from "$base,10%")

step "Cleo merges Bob's tune (20 %) and Eve's model (5 %)"
merged=$(publish "$cleo" derive "$scratch/merged" --name Merged --relation merge --from "$tune,20%" --from "$other,5%")

step "Cleo sells a licence for 0.05"
printf 'Use it for a year.\n' >"$scratch/terms.md"
run license offer "$merged" --terms "$scratch/terms.md" --price 0.05 --days 365 --scopes use,commercial --dev-account "$cleo" >"$scratch/offer.json"
run license buy "$scratch/offer.json" --dev-account "$licensee"

step "The merged model's token is sold for 1, and again for 2"
sell "$merged" 1 "$cleo" "$first_owner"
sell "$merged" 2 "$first_owner" "$second_owner"
run show "$merged" | grep -qiF "$second_owner_address" || die "the second buyer does not own the token"

step "What it earned is split: half a percent to whoever asks, then the parents' shares, the rest to the creator"
earned=$((coin * 5 / 100 + $(part "$coin" 500) + $(part $((2 * coin)) 500)))
after() { echo $(($1 - $(part "$1" 50))); }
rest=$(after "$earned")
of_tune=$(part "$rest" 2000)
of_other=$(part "$rest" 500)
of_base=$(part "$(after "$of_tune")" 1000)
expect_split "$earned" "$merged"
expect_split "$of_tune" "$tune"
expect_split "$of_other" "$other"
expect_split "$of_base" "$base"

step "Everybody takes out what is theirs"
paid=0
reward=$(($(part "$earned" 50) + $(part "$of_tune" 50) + $(part "$of_other" 50) + $(part "$of_base" 50)))
expect_paid "$((rest - of_tune - of_other))" Cleo "$cleo"
expect_paid "$(($(after "$of_tune") - of_base))" Bob "$bob"
expect_paid "$(after "$of_base")" Ada "$ada"
expect_paid "$(after "$of_other")" Eve "$eve"
expect_paid "$reward" "the keeper" "$keeper"
((paid == earned)) || die "$paid wei were paid out of $earned"
say "every wei of $earned is accounted for"

step "All of it verifies"
for model in base other tune merged; do expect_verified "$scratch/$model"; done

step "Dora disputes the base; it counts for those who follow her"
printf 'It repeats letters that people wrote.\n' >"$scratch/findings.md"
run status set "$base" disputed --reason "$scratch/findings.md" --dev-account "$dora"
expect_verified "$scratch/merged"
expect_refused "disputed, says $dora_address" "$scratch/merged" --curator "$dora_address"

step "Ada recalls the base: nobody can miss what came from it"
run status set "$base" recalled --reason "$scratch/findings.md" --dev-account "$ada"
expect_refused "recalled, says its creator" "$scratch/base"
expect_refused "finetune of $base: recalled, says its creator" "$scratch/tune"
expect_refused "merge of $tune, finetune of $base: recalled, says its creator" "$scratch/merged"
expect_verified "$scratch/other"
expect_verified "$scratch/merged" --accept-recalled

step "Done"
say "$earned wei earned, $paid wei paid out; the recall reached the tune and the merge, and left Eve's model alone"
