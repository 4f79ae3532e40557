/** The label by which the runs of a schedule are found. No person can give one of that name; see `checkLabels`. */
export const SCHEDULE_LABEL = '@schedule'
