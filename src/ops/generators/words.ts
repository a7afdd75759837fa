/**
 * The words of passphrases: 2048 English ones of three to six letters, which is 11 bits each. A passphrase that was
 * made stays what it is, so the list may change; its length may not.
 */
export const WORDS: readonly string[] = `
able acid acorn across actor adept adult afar affix after again agent agile aging agree ahead aisle ajar
alarm album alert algae alien align alike alive alley allow almond aloe aloft alone aloof alpine also alter
always amber amble amend amid ample amuse anchor angle animal ankle annex annual answer antler anvil apart
apple apron arch arctic area arena argue arid arise army aroma arrow aspen asset atlas atom attic audio aunt
author autumn avert avid avoid await awake award away awning axis axle azure baby back bacon badge bagel
bait bake bale ball balm bamboo banana band banjo bank banner bard bare barge bark barley barn baron barrel
base basic basket batch bath baton beach bead beak beam bean bear beast beat beaver become beech beef beet
before began begin behave behind being belfry bell below belt bench bend berry berth best better bevel
beyond bike bind bingo birch bird birth bishop bison bite black blade blame blast blaze blend bless blimp
blink bliss block blond bloom blot blouse blow blue bluff blunt blur blush board boast boat body boil bold
bolt bond bone bonnet bonus book boost boot border born borrow boss botany both bottle bough bound bowl
brace brain brake bran brass brave bread breeze brew brick bride brief bright brim bring brisk broad bronze
brook broth brown brush bubble bucket budget build bulb bulk bull bump bunch bundle bunk bunny buoy burger
burrow burst bush busy butter buzz cabin cable cactus cadet cafe cage cake calf call calm camel camp canal
candy cane canoe canvas canyon cape card care cargo carol carp carry cart carve case cash cask castle catch
cattle cause cave cedar celery cell cement cent cereal chain chalk champ chant chap charm chase chat cheap
check cheek chef cherry chess chew chick chief child chime chin chip chisel choir chop chord chrome chunk
church cider cinema circle citrus city civic claim clam clan clap clash claw clay clean clerk clever click
cliff climb cling clip cloak clock clog close cloth cloud clove clown club clue clump coach coal coast coat
cobalt cobra cocoa code coffee coil coin cold collar color colt comb come comic common cone cook cool copper
copy coral cord core cork corn cosmic cost cosy cotton couch cougar count couple court cousin cove coyote
cozy crab crack cradle craft crane crate crawl crayon cream creek crepe crest crew crib crisp critic crop
cross crow crumb crunch crust cube cuckoo cuff curb cure curl curry curve custom cycle cymbal daily dairy
daisy damp dance dandy dare dark dart dash data date dawn dazzle deal dear debate debit debris decal deck
decoy deed deep deer defend degree delay dell delta demand denim dense dent depend depot depth deputy derby
desert design desk detail detour dial diary dice diet differ digit dill dime dine dinner direct dirt disc
dish ditch dive divide dizzy dock doctor dodge doll dome donate donkey donor door double dough dove down
dozen draft dragon drain drake drama draw dream dress drift drill drink drip drive drone drop drum duck duct
duet dune dusk dust duty dwarf dwell each eager eagle early earn earth ease east easy echo edge edit effect
effort eight either elbow elder elect elite else ember emblem emit empire empty enamel energy engine enjoy
enough enter entire entry envoy equal erase errand error essay estate even ever exact exam excel excuse
exile exist exit expand expect export extra fable fabric face fact fade fair faith falcon fall fame family
fancy farm fast father faucet favor fawn feast feed feel felt fence fennel fern ferry fetch fever fiber
fiddle field fierce fifty figure file fill film filter final finch find fine finger finish fire firm first
fish five fizz flag flair flake flame flap flare flash flat flavor flax flea fleet flesh flex flick flight
fling flip float flock flood flora flour flow fluff fluid flute foal foam focus foil fold folk follow fond
font food foot force forest forge fork form fort forum fossil foster found four frame free fresh friday
friend frog from front frost frown frozen fruit fudge fuel full fund funnel future fuzzy gadget gain galaxy
gale gallon game gander garage garden garlic garnet gate gather gauge gaze gear gecko geese genius gentle
geyser ghost giant gift giggle gild gill ginger girl give glad glance glass glaze gleam glide globe gloom
glory glove glow glue goal goat gobble gold golf gone gong good goose gopher gorge gospel gossip gourd gown
grab grace grade grain grand grape grasp gravy gray graze great green grid grill grin grip grit grocer
groove group grove grow guard guess guide guild guitar gulf gull gulp guppy gust gypsum habit hail hair half
hall halo halt hammer hand hang happy harbor hard hare harp hasty hatch haul have hawk hazel head heal heap
hear heat heavy hedge heel height heir hello helm help hemp herald herb herd here hermit hero hertz hide
high hike hill hilt hinge hint hippo hire hive hobby hockey hoist hold hole holly home honey hood hoof hook
hoop hope horn horse host hotel hound hour house hover huddle huge hull human humble hummus humor hunt
hurdle hurry husk hybrid hymn icicle icing icon idea idle idol igloo iguana image impact import inch income
indigo indoor infant inland inlet inner inning input insect inside into invent invite iris iron island issue
item itself ivory jacket jade jaguar jazz jeans jelly jersey jest jewel jigsaw jingle jockey join joke jolly
jolt judge juggle juice july jumble jump june jungle junior jury just kale kayak keel keen keep kelp kennel
kernel kettle kick kidney kilt kimono kind king kiosk kite kitten kiwi knack knee knife knight knit knob
knock knoll knot know koala label labor lace lack ladder lady lagoon lake lamb lamp lance land lane laptop
larch large lark laser lasso last latch late latter laugh lava lawn lawyer layer lazy lead leaf league lean
leap learn lease leave ledge leek left legal legend lemon lend length lens lentil less letter level lichen
lift light like lilac lily limb lime limit line link lion liquid list liter little live lizard llama load
loaf loan lobby local lock lodge loft logic lonely long look loom loop loose lord lotus loud lounge love
loyal lucky lull lumber lunar lunch lung lure lush lute lynx lyric macaw magic magma magnet magpie maid mail
main maize major make mallet malt mammal manage mane mango manner manor mantle manual many maple marble
march mare margin marine mark maroon marsh mask mason mass mast match math matter maybe mayor maze meadow
meal mean meat medal media melon melt member memo mend mental menu mercy merge merit merry mesa mesh mess
metal meter method metro middle might mild mile milk mill mimic mind mine mingle mint minute mirror mist
mitten moat mobile model moist mole moment monday money monk month mood moon moor moose moral more mortar
mosaic moss most moth motion motor mound mouse mouth move movie much muffin mule mural muscle museum music
musk must mutter mutual myself myth nacho nail name napkin narrow nation nature navy near neat neck nectar
need neon nephew nerve nest nettle never newt next nice nickel niece night nimble nine noble node noise
nomad none noodle noon north nose notch note notice noun novel nudge number nurse nutmeg nylon oasis object
oboe obtain ocean ochre octave offer office often okay olive omega omelet once onion only onset onyx opal
open opera optic orange orbit orchid order organ origin osprey other otter ounce outer outfit outing outlet
oval oven over owner oxen oxygen oyster ozone pace pack paddle page pail paint pair palace pale palm panda
panel panic pansy pantry papaya paper parade parcel pardon parent park parrot part pass past patch path
patio patrol pause pave peace peak peanut pear pebble pecan pedal peel peer pencil penny people pepper perch
period permit person petal phase phone photo phrase piano pick picnic piece pier pigeon pike pile pill pilot
pinch pine pink pint pipe pirate pitch pixel pizza place plaid plan plate play plaza please pledge plenty
plot plow plug plum plus pocket poem poet point polar pole polish pollen polo pond pony pool poplar poppy
porch port pose post potato pouch pound pour powder power praise prawn prefer press pretty price pride prime
print prism prize profit proof proper proud prove prune public puddle puffin pull pulp pulse puma pump punch
pupil puppy pure purple purse push puzzle python quail quake quart queen quest queue quick quiet quill
quince quit quiver quiz quota rabbit race rack radar radio raft rail rain raise rake rally ramp ranch random
range rank rapid rare rate rather rattle raven razor reach read real reason rebel recall recent recipe
record reed reef reel refer reform refuge regal region relax relief rely remain remedy remind remote renew
rent repair repeat reply report rescue resin rest result return reveal review reward rhyme rhythm ribbon
rice rich ride ridge right ring rinse ripe ripple rise rival river road roam roast robe robin robot robust
rock rodeo role roll roof rook room root rope rose roster rotate rough round route royal ruby rudder rule
rumble rung runner rural rush rust sable sack saddle safe sage sail saint salad salmon salon salsa salt
salute same sample sand satin saturn sauce sauna save scale scarf scene school scone scoop scope score scout
scrap screw script scroll scrub seal search season seat second secret sedan seed seek seem select sell send
senior sense sentry sequel series serve sesame settle seven shade shaft shake shape share shawl shed sheep
shelf shield shift shine ship shirt shoe shop shore shout shovel show shrimp shrub shut side siege sift sigh
sign silent silk silly silver simple since sing sink siren sister site size skate sketch skill skin skip
skirt slab slack slate sled sleep slice slide slim sling slip slope slow small smart smell smile smith smoke
smooth snack snail snake snap sneeze snore snow snug soap soar social sock soda sofa soft soil solar sole
solid solo solve some sonar song sonnet soon sort soul sound soup source south space spade span spare speak
speed spell spend sphere spice spider spike spin spiral splash split sponge spoon sport spot spout spray
spread spring sprout spruce spur square squid stable stack staff stage stair stake stall stamp stand staple
star state stay steak steel stem step stern stew stick still stir stock stone stool stop store stout stove
straw stream strip stroll study stuff stump sturdy style subtle such sudden suede sugar suit summer sunday
sunny sunset super supper sure surf swamp swan swap sway sweep swift swim swing switch symbol syrup system
table tackle taco tail take tale talk tall tame tango tank tape target tart task taste taxi teach teal team
tease teem teeth temple tenant tender tennis tenor tent term test text thank thaw theme theory there thick
thin third thorn those three thrive throw thrush thumb thyme tiara ticket tide tidy tiger tight tile till
timber time timid tint tiny tired tissue title toad toast today toffee token told tomato tone tongue tonic
tool tooth topaz topic torch total totem touch tour towel town trace trade trail tram trap travel tray treat
tree trek trend trial tribe trick trim trio trip trophy trot trout truck true trunk trust truth tuba tube
tulip tumble tuna tundra tune tunic tunnel turban turf turkey turn turtle tutor tweed twelve twenty twice
twig twin twirl twist type umpire uncle under union unit until upon upper upset urban urge usher usual vague
vain valid value valve vapor vary vase vast vault veil vent verb verse very vest video view villa vine vinyl
viola visa visit vista vital vivid vocal voice void vote vowel wade wafer wage wagon waist wait wake walk
wall waltz want ward warm warn wash wasp watch water wave wear weave wedge weed week weigh well west whale
wharf what wheat wheel when where whip whirl whisk white whole wick wide wife wild will wind wing wink wire
wise wish with wolf woman wood wool word work world worm worth woven wrap wren wrist write yacht yard yarn
yawn year yeast yield yodel yoga yoke yolk young youth zeal zebra zero zest zinc zone zoom
`
  .trim()
  .split(/\s+/);
