/**
 * The settings of a run: {@link coppice.imp.settings.Spec} says what there is and refuses bad values, {@link coppice.imp.settings.SpecReader}
 * reads them from presets, YAML files and the command line, and {@code defaults.yaml} and {@code presets/} beside it hold the values.
 */
package coppice.imp.settings;
