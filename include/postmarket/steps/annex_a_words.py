"""The words of the terms of IMDRF annex A (device problem), release 2024: a vocabulary that says nothing of a person.

Taken from include/plans/imdrf_annex_a_2024.csv and held against it by a test; kept as code, so that what a detection
shows depends on the code digest of its stamp and on no file (G2).
"""

_WORDS = """
aborted accessory accuracy action activated activation adverse air alarm algorithm altered ambient analyze another
apparent application appropriate arcing asynchronously audible auto available back backflow backup battery becomes
blockage blocked blood bond bone break burst calculation calibrate calibration capacitative capture capturing charge
charging chemical circuit code communication compatibility complete component computer conduct connection container
contaminated contamination continuity continuous control convert cooling corrective coupling crack cut damage damaged
data date decentration decomposition decontamination decoupling decrease decreased defective defibrillation deflate
deflation deformation degraded delayed deliver delivery detachment device difficult discharge discoloration discolored
disconnect disconnection discrepancy disintegration display distortion documentation dose down due during effect
ejection elective electrical electro electrodes electromagnetic electronic emits end endoleaks energy environment
environmental error event excess excessive execution explosion expulsion extrusion facility fail failure false
feedback fill filling filtration fire firing fitting flare flash flow fluctuations fluid flush fracture fragmentation
free freezes fumes fungus gas gel gradient grounding guidelines handling healthcare heating high human humidity
identified impedance implant imprecise imprecision improper inability inaccurate inadequate inadequately inappropriate
incompatibility incomplete incorrect increase increased indicator inflation information infuse infusion ingredient
ingrowth input installation instructions insufficient integrity interaction interface interference intermittent
intermittently interpretation interrogate interrogation intravalvular irrigate jam joint label labelling lack leak
life loose loosening loss low lubrication maintain maintenance malfunction manufacture manufacturing markings material
measurement measures mechanical mechanics mechanism medical medication message method migration misassembled
misconnection misfocusing mode moisture movement network no noise non nonfunctional not obstruction odor off
opacification operate operating optical osseointegration output over overcorrection overfill overheating overstress
pacing packaging paddles parameter partial particulates patient perforation perivalvular physical pocket positioning
powder power premature prepare pressure prime priming prior problem procedure process product professional program
prompt prompts property prophylactic protective protrusion provides pump pumping quality radiation radiofrequency rate
reaction read readings reagent recalibrate record reflux regurgitation related remains removal replacement
reprocessing reset resistance restricted result results retraction rfi rhythm run rupture safe scratched security
select self sense sensing sensitivity separation settings setup shielding shipping shock short shorting shut shutdown
signal smoking software solder sparking speed splash split static stenosis sticking stimulation stop stopped
structural subsidence suction supply synchronization system tactile telemetry temperature term test therapeutic
thermal thread threshold tidal time torn training transmission transmit treatment ultra under undercorrection
unexpected uninformative unintelligible unintended unrestricted unsafe unspecified unstable up upgrade use user valve
vapors ventilation version vessel visible visual volume waveform wireless within without zero
"""
ANNEX_A_WORDS = frozenset(_WORDS.split())
